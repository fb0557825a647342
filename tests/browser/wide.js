// Which elements reach beyond the right edge, outermost first.
const width = document.documentElement.clientWidth;
return [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > width + 1 && getComputedStyle(e).position !== "fixed")
  .slice(0, 3)
  .map((e) => `${e.tagName.toLowerCase()}.${e.className.baseVal ?? e.className} to ${Math.round(e.getBoundingClientRect().right)}`);
