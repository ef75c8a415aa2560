// Nodes are made once and then kept: what is focused, selected or open stays so while figures change.
// All text goes in as text; nothing here reads markup.

/** @import { Attributes, Child, Figure, Part } from "./types" */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes | null} [attributes]
 * @param {Child[]} children
 */
export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes | null} [attributes]
 * @param {Child[]} children
 */
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/**
 * @template {Element} T
 * @param {T} node
 * @param {Attributes | null | undefined} attributes
 * @param {Child[]} children
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) attr(node, name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * The same node, which must be there and of this kind.
 * @template {Element} T
 * @param {Element | null} node
 * @param {new () => T} kind
 */
export function as(node, kind) {
  if (node instanceof kind) return node;
  throw new TypeError(`${node?.id} is no ${kind.name}`);
}

/** @param {string} id */
export const byId = (id) => as(document.getElementById(id), HTMLElement);

/** @param {Element} node @param {string} name @param {Attributes[string]} value */
export function attr(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/** @param {Node} node @param {string} value */
export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

/** @param {HTMLElement} node @param {boolean} visible */
export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

/**
 * Makes `nodes` the children of `parent`; those that are in their place are not touched, and focus stays.
 * @param {Element} parent @param {Element[]} nodes
 */
export function place(parent, nodes) {
  const focused = document.activeElement;
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const node of nodes) {
    if (node === next) next = node.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  if (focused === document.activeElement || !(focused instanceof HTMLElement)) return;
  if (focused.isConnected) focused.focus({ preventScroll: true });
}

/**
 * One part for each key, made by `create` and told of every item by its `update`. Gives the nodes in order.
 * @template T
 * @param {(first: T) => Part<T>} create
 * @returns {(items: T[], keyOf: (item: T) => string) => HTMLElement[]}
 */
export function keyed(create) {
  /** @type {Map<string, Part<T>>} */
  const parts = new Map();
  return (items, keyOf) => {
    const keys = new Set();
    const nodes = [];
    for (const item of items) {
      let key = String(keyOf(item));
      while (keys.has(key)) key += "+";
      keys.add(key);
      const part = parts.get(key) ?? create(item);
      parts.set(key, part);
      part.update?.(item);
      nodes.push(part.node);
    }
    for (const key of parts.keys()) if (!keys.has(key)) parts.delete(key);
    return nodes;
  };
}

/**
 * A list of terms and figures: `update` takes `[term, figure, class]` triples.
 * @param {string} className
 */
export function figures(className) {
  const node = el("dl", { class: className });
  const pairs = keyed((/** @type {Figure} */ [term]) => {
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
  return { node, update: (/** @type {Figure[]} */ items) => place(node, pairs(items, ([term]) => term)) };
}

/**
 * What stands between backticks is code.
 * @param {string} words
 */
export const marked = (words) => words.split("`").map((part, at) => (at % 2 ? el("code", null, part) : part));

/**
 * A table whose rows are arrays of texts or nodes; the first cell of each is its header.
 * @param {string} caption @param {string[]} heads @param {Child[][]} rows
 */
function table(caption, heads, rows) {
  const cells = (/** @type {Child[]} */ row) =>
    row.map((cell, at) => el(at === 0 ? "th" : "td", at === 0 ? { scope: "row" } : null, cell));
  return el(
    "table", null,
    el("caption", null, caption),
    el("thead", null, el("tr", null, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", null, ...rows.map((row) => el("tr", null, ...cells(row)))),
  );
}

/**
 * A table that scrolls sideways on its own where the page is narrow.
 * @param {string} caption @param {string[]} heads @param {Child[][]} rows
 */
export function tabled(caption, heads, rows) {
  const attributes = { class: "scrolling", role: "region", "aria-label": caption, tabindex: "0" };
  return el("div", attributes, table(caption, heads, rows));
}
