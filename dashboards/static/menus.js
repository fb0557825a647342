// Menus close on Escape and on a click elsewhere; the theme switches at once; a toast leaves after ten seconds.
export function menus() {
  const open = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const choice = button.dataset.themeChoice;
      if (choice === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = choice;
      document.cookie = `theme=${choice}; Path=/; Max-Age=31536000; SameSite=Lax`;
      for (const b of document.querySelectorAll("[data-theme-choice]")) {
        b.setAttribute("aria-pressed", String(b.dataset.themeChoice === choice));
      }
    });
  }
  for (const toast of document.querySelectorAll("[data-toast]:not([data-keep])")) fade(toast);
}

function fade(toast) {
  let timer = setTimeout(() => toast.setAttribute("data-gone", ""), 10000);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => {
    timer = setTimeout(() => toast.setAttribute("data-gone", ""), 4000);
  });
}
