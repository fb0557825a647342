// Ctrl+K: the places, and devices by name, address, MAC, serial or room.
export function palette() {
  const template = document.getElementById("palette-template");
  return () => {
    if (!template || document.querySelector("dialog[open]")) return;
    const dialog = template.content.firstElementChild.cloneNode(true);
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    wire(dialog);
    dialog.showModal();
  };
}

function wire(dialog) {
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  const places = [...list.children];
  let selected = 0;
  let asked = 0;

  const mark = () => {
    const items = [...list.children];
    selected = Math.min(Math.max(selected, 0), Math.max(items.length - 1, 0));
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === selected)));
    items[selected]?.scrollIntoView({ block: "nearest" });
  };
  const show = (items) => {
    list.replaceChildren(...items);
    selected = 0;
    mark();
  };
  const matching = (text) => places.filter((item) => item.textContent.toLowerCase().includes(text.toLowerCase()));

  input.addEventListener("input", async () => {
    const text = input.value.trim();
    const mine = ++asked;
    if (text === "") return show(places);
    let found = [];
    try {
      const answer = await fetch(`/devices/find?q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } });
      if (answer.ok) found = (await answer.json()).devices;
    } catch {
      // The places still work.
    }
    if (mine === asked) show([...matching(text), ...found.map(item)]);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      selected += event.key === "ArrowDown" ? 1 : -1;
      mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const link = list.children[selected]?.querySelector("a");
      if (link) location.assign(link.href);
      else if (input.value.trim()) location.assign(`/devices?q=${encodeURIComponent(input.value.trim())}`);
    }
  });
  mark();
}

function item(device) {
  const li = document.createElement("li");
  li.setAttribute("role", "option");
  const link = document.createElement("a");
  link.href = device.href;
  link.tabIndex = -1;
  const name = document.createElement("span");
  name.className = "grow";
  name.textContent = device.name;
  const where = document.createElement("span");
  where.className = "muted small";
  where.textContent = [device.place, device.address].filter(Boolean).join(" · ");
  link.append(name, where);
  li.append(link);
  return li;
}
