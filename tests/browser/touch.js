// Buttons and fields lower than 44 px on a phone; links inside text are exempt (WCAG 2.2, 2.5.8).
return [...document.querySelectorAll("button, .button, select, input:not([type=checkbox]):not([type=radio]):not([type=hidden]), summary")]
  .filter((e) => e.checkVisibility() && !e.matches(".linklike, .toast button") && !e.closest("template"))
  .filter((e) => e.getBoundingClientRect().height < 43.5)
  .slice(0, 5)
  .map((e) => `${e.tagName.toLowerCase()}.${e.className} ${Math.round(e.getBoundingClientRect().height)} px: ${e.textContent.trim().slice(0, 30)}`);
