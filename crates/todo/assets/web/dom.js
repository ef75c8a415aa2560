// Creates elements from text only. Text that a person typed is never parsed as HTML.

/** @import { Attributes } from "./types" */

/**
 * The same element, which must be there and of this kind.
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

/** @param {string} selector @param {ParentNode} root */
export const find = (selector, root = document) => as(root.querySelector(selector), HTMLElement);

/** @param {Node} node @param {EventTarget | null} other */
export const isWithin = (node, other) => other instanceof Node && node.contains(other);

/** The focused element, if there is one. */
export function focused() {
  const node = document.activeElement;
  return node instanceof HTMLElement ? node : null;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes | null} [attributes]
 * @param {(Node | string | null | undefined)[]} children
 */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== false && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * A click's handler that leaves out the second click of a double click. After the first one,
 * something else may be under the pointer. A click by keyboard has the detail 0.
 * @param {(event: MouseEvent) => unknown} act
 * @returns {(event: MouseEvent) => unknown}
 */
export const once = (act) => (event) => event.detail > 1 || act(event);

/** @param {Node} node @param {string} words */
export function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/**
 * Said to those who do not see the page.
 * @param {string} words
 */
export function say(words) {
  message(byId("said"), words);
}

const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const SHORT = 60;

/**
 * At most 60 grapheme clusters, none of them split.
 * @param {string} title
 */
export function shorten(title) {
  if (title.length <= SHORT) return title;
  const all = Array.from(graphemes.segment(title), ({ segment }) => segment);
  return all.length <= SHORT ? title : `${all.slice(0, SHORT - 1).join("")}…`;
}

/**
 * A title in a message, isolated so that its direction does not affect the words around it.
 * @param {string} title
 */
export const isolate = (title) => `\u2068${shorten(title.replace(BIDI, ""))}\u2069`;
/** @param {string} title */
export const quote = (title) => `“${isolate(title)}”`;

/**
 * A message as plain text.
 * @param {string} words
 */
export const plain = (words) => words.replace(/[\u2068\u2069]/g, "");

/**
 * Shows a message. Isolated parts become elements of their own.
 * @param {Element} node @param {string} words
 */
export function message(node, words) {
  const parts = words.split(/[\u2068\u2069]/);
  node.replaceChildren(...parts.map((part, at) => (at % 2 ? el("bdi", null, part) : part)));
}

/**
 * Makes these the children of `root`, in this order. The child with the focus stays in place and the others move around
 * it, because a node that moves loses the focus, the selection and a composition. If that child is removed, the focus
 * passes to the same part of its neighbour, or to `otherwise`.
 * @param {HTMLElement} root @param {Element[]} nodes @param {HTMLElement} otherwise
 */
export function arrange(root, nodes, otherwise) {
  const stay = new Set(nodes);
  const held = root.contains(document.activeElement) ? focused() : null;
  const heirs = held ? [held, ...heirsOf(held, root, stay), otherwise] : [];
  for (const child of [...root.children]) if (!stay.has(child)) child.remove();
  let at = root.firstElementChild;
  const pinned = held && nodes.find((node) => node.contains(held));
  for (const node of nodes) {
    while (node === pinned && at && at !== node) {
      const later = at;
      at = at.nextElementSibling;
      root.append(later);
    }
    if (node === at) at = node.nextElementSibling;
    else root.insertBefore(node, at);
  }
  heirs.some((heir) => {
    if (heir.isConnected && document.activeElement !== heir) heir.focus();
    return document.activeElement === heir;
  });
}

/**
 * Of the nearest child that stays: the part like the focused one, and the first that takes the focus.
 * @param {Element} focused @param {Element} root @param {Set<Element>} stay
 */
function heirsOf(focused, root, stay) {
  let child = focused;
  while (child.parentElement && child.parentElement !== root) child = child.parentElement;
  const nearest = (/** @type {"nextElementSibling" | "previousElementSibling"} */ way) => {
    /** @type {Element | null} */
    let node = child;
    while (node && !stay.has(node)) node = node[way];
    return node;
  };
  const next = nearest("nextElementSibling") ?? nearest("previousElementSibling");
  const heirs = [`.${focused.classList[0]}`, "[tabindex='0']"].map((part) => next?.querySelector(part));
  return heirs.filter((heir) => heir instanceof HTMLElement);
}
