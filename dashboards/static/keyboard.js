// Shortcuts by physical key (`code`): they work under a Russian layout too. Never while typing.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

export function keyboard(openPalette) {
  let went = 0; // when `g` was pressed
  document.addEventListener("keydown", (event) => {
    if (event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.code === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      if (form) form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.code === "Slash" && event.shiftKey) return help(event);
    if (event.code === "Slash") return search(event, openPalette);
    if (event.code === "KeyG") {
      went = event.timeStamp;
      return;
    }
    if (went && event.timeStamp - went < 1500) {
      went = 0;
      const place = document.querySelector(`[data-go="${event.code.replace("Key", "").toLowerCase()}"]`);
      if (place) {
        event.preventDefault();
        location.assign(place.href);
        return;
      }
    }
    if (event.code === "KeyJ") return row(event, 1);
    if (event.code === "KeyK") return row(event, -1);
  });
}

function search(event, openPalette) {
  event.preventDefault();
  const fields = document.querySelectorAll("main input[type=search], .find input");
  const field = [...fields].find((f) => f.offsetParent !== null);
  if (field) {
    field.focus();
    field.select();
  } else openPalette();
}

// j and k walk the main links of a list; Enter then opens as any link does.
function row(event, step) {
  const rows = [...document.querySelectorAll("main [data-row]")];
  if (rows.length === 0) return;
  event.preventDefault();
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

function help(event) {
  event.preventDefault();
  const dialog = document.getElementById("help-template").content.firstElementChild.cloneNode(true);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", () => dialog.close());
  dialog.showModal();
}
