// Text whose contrast with its ground is below 4.5 : 1 (WCAG 2.2, 1.4.3).
const parse = (c) => {
  const n = c.match(/[\d.]+/g).map(Number);
  if (c.startsWith("color(srgb")) return [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1];
  return [n[0], n[1], n[2], n[3] ?? 1];
};
const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
const ground = (e) => {
  const layers = [];
  for (let at = e; at; at = at.parentElement) {
    const c = parse(getComputedStyle(at).backgroundColor);
    if (c[3] > 0) layers.push(c);
    if (c[3] === 1) break;
  }
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
};
const light = (c) => {
  const [r, g, b] = c.slice(0, 3).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const found = new Map();
for (const e of document.querySelectorAll("body *")) {
  const own = [...e.childNodes].filter((n) => n.nodeType === 3 && n.textContent.trim() !== "");
  if (own.length === 0 || e.closest("svg, template, .visually-hidden, .skip") || !e.checkVisibility()) continue;
  const under = ground(e);
  const text = over(parse(getComputedStyle(e).color), under);
  const [a, b] = [light(text), light(under)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) found.set(`${e.tagName.toLowerCase()}.${e.className} ${ratio.toFixed(2)}: ${own[0].textContent.trim().slice(0, 30)}`, 1);
}
return [...found.keys()].slice(0, 8);
