// Nodes are made once and then kept: what is focused, selected or open stays so while figures change.
// All text goes in as text; nothing here reads markup.

const SVG = "http://www.w3.org/2000/svg";

export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) attr(node, name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function attr(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

/** Makes `nodes` the children of `parent`; those that are in their place are not touched, and focus stays. */
export function place(parent, nodes) {
  const focused = document.activeElement;
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

/** One part for each key, made by `create` and told of every item by its `update`. Gives the nodes in order. */
export function keyed(create) {
  const parts = new Map();
  return (items, keyOf) => {
    const keys = new Set();
    const nodes = [];
    for (const item of items) {
      let key = String(keyOf(item));
      while (keys.has(key)) key += "+";
      keys.add(key);
      if (!parts.has(key)) parts.set(key, create(item));
      const part = parts.get(key);
      part.update?.(item);
      nodes.push(part.node);
    }
    for (const key of parts.keys()) if (!keys.has(key)) parts.delete(key);
    return nodes;
  };
}

/** A list of terms and figures: `update` takes `[term, figure, class]` triples. */
export function figures(className) {
  const node = el("dl", { class: className });
  const pairs = keyed(([term]) => {
    const figure = el("dd");
    const pair = el("div", null, el("dt", null, term), figure);
    return {
      node: pair,
      update([, value, mark]) {
        text(figure, value);
        attr(pair, "class", mark || null);
      },
    };
  });
  return { node, update: (items) => place(node, pairs(items, ([term]) => term)) };
}

/** What stands between backticks is code. */
export const marked = (words) => words.split("`").map((part, at) => (at % 2 ? el("code", null, part) : part));

/** A table whose rows are arrays of texts or nodes; the first cell of each is its header. */
function table(caption, heads, rows) {
  const cells = (row) =>
    row.map((cell, at) => el(at === 0 ? "th" : "td", at === 0 ? { scope: "row" } : null, cell));
  return el(
    "table", null,
    el("caption", null, caption),
    el("thead", null, el("tr", null, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", null, ...rows.map((row) => el("tr", null, ...cells(row)))),
  );
}

/** A table that scrolls sideways on its own where the page is narrow. */
export function tabled(caption, heads, rows) {
  const attributes = { class: "scrolling", role: "region", "aria-label": caption, tabindex: "0" };
  return el("div", attributes, table(caption, heads, rows));
}
