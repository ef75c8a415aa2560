// Elements, from text alone: nothing that a person typed is ever read as HTML.

export const byId = (id) => document.getElementById(id);
export const find = (selector) => document.querySelector(selector);

export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** Said to those who do not see the page. */
export function say(words) {
  byId("said").textContent = words;
}

export const shorten = (title) => (title.length > 60 ? `${title.slice(0, 59)}…` : title);
