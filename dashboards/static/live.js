// The world moved: the page is asked again and its live parts are replaced, but never what the pointer or the focus
// is on; that waits until they leave. Without a connection the top bar says since when the page is old.
//
// A live part is `<section id="x" data-live="device need">`: an id, and the topics it shows. The stream `/events`
// sends `event: change` with the topics as data, separated by spaces.
const PAUSE = 1000; // at most one reload a second

export function live() {
  if (document.querySelector("[data-live]") === null || !window.EventSource) return;
  const wanted = new Set();
  let timer = 0;
  let busy = false;

  const refresh = async () => {
    timer = 0;
    if (document.hidden) return; // asked for again when the page is looked at
    busy = true;
    const topics = [...wanted];
    wanted.clear();
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        swap(new DOMParser().parseFromString(await answer.text(), "text/html"), topics);
      }
    } catch {
      // The stream's own error tells the reader.
    }
    busy = false;
    if (wanted.size > 0) plan();
  };
  const plan = () => {
    if (timer === 0 && !busy) timer = setTimeout(refresh, PAUSE);
  };

  const source = new EventSource("/events");
  const note = document.getElementById("stale-note");
  source.addEventListener("change", (event) => {
    for (const topic of event.data.split(" ")) wanted.add(topic);
    plan();
  });
  source.addEventListener("open", () => note?.removeAttribute("data-on"));
  source.addEventListener("error", () => note?.setAttribute("data-on", ""));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && wanted.size > 0) plan();
  });
  addEventListener("pagehide", () => source.close());
}

function swap(next, topics) {
  for (const part of document.querySelectorAll("[data-live]")) {
    if (!part.dataset.live.split(" ").some((word) => concerns(word, topics))) continue;
    const fresh = next.getElementById(part.id);
    if (fresh) replace(part, fresh);
  }
}

// "device-12" is also meant when devices changed and nobody says which.
function concerns(word, topics) {
  if (topics.includes(word)) return true;
  return word.startsWith("device-") && topics.includes("device") && !topics.some((t) => t.startsWith("device-"));
}

function replace(part, fresh) {
  if (fresh.innerHTML === part.innerHTML) return;
  const held = () => part.matches(":hover") || part.contains(document.activeElement) || part.querySelector("details[open]");
  if (held() && sameRows(part, fresh)) return;
  const apply = () => {
    part.replaceChildren(...document.importNode(fresh, true).childNodes);
    part.classList.remove("fresh");
    requestAnimationFrame(() => part.classList.add("fresh"));
  };
  part.waiting?.abort();
  if (!held()) return apply();
  const waiting = new AbortController();
  part.waiting = waiting;
  const later = () => {
    if (held()) return;
    waiting.abort();
    apply();
  };
  part.addEventListener("pointerleave", later, { signal: waiting.signal });
  part.addEventListener("focusout", () => setTimeout(later, 0), { signal: waiting.signal });
}

// The same rows in the same order: those that are not held can change in place without moving anything.
function sameRows(part, fresh) {
  const now = [...part.querySelectorAll("[data-key]")];
  const next = [...fresh.querySelectorAll("[data-key]")];
  if (now.length === 0 || now.length !== next.length) return false;
  if (now.some((row, at) => row.dataset.key !== next[at].dataset.key)) return false;
  now.forEach((row, at) => {
    if (row.matches(":hover") || row.contains(document.activeElement) || row.innerHTML === next[at].innerHTML) return;
    row.replaceChildren(...document.importNode(next[at], true).childNodes);
  });
  return true;
}
