// Computes the contrast between every visible text and its background (WCAG 2.2, success criterion
// 1.4.3). Returns the lowest contrast of each pair of colours, with a piece of its text.

const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function rgba(color) {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
}

function behind(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (rgba(color)[3] === 255) return color;
  }
  return "white";
}

function luminance(color) {
  const [r, g, b] = rgba(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const found = new Map();

function judge(element, color, text) {
  const background = behind(element);
  const key = `${color} on ${background}`;
  if (!found.has(key)) found.set(key, { colors: key, text: text.trim().slice(0, 60), ratio: ratio(color, background) });
}

const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const { parentElement: element, data } = texts.currentNode;
  const shown = element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  if (!data.trim() || !shown || element.closest("title, script, option")) continue;
  const style = getComputedStyle(element);
  judge(element, element.closest("svg") ? style.fill : style.color, data);
}
for (const input of document.querySelectorAll("input[placeholder]")) {
  if (input.checkVisibility()) judge(input, getComputedStyle(input, "::placeholder").color, input.placeholder);
}
return [...found.values()];
