// Creates elements from text only. Text that a person typed is never parsed as HTML.

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

/**
 * Wraps a click handler so that it ignores the second click of a double click. Why: after the first
 * click, another element may be under the pointer. A click by keyboard has the detail 0, so it
 * always counts.
 */
export const once = (act) => (event) => event.detail > 1 || act(event);

export function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** Announces words to screen readers. */
export function say(words) {
  message(byId("said"), words);
}

const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const SHORT = 60;

/** The title, cut to at most 60 grapheme clusters. No cluster is split. */
export function shorten(title) {
  if (title.length <= SHORT) return title;
  const all = Array.from(graphemes.segment(title), ({ segment }) => segment);
  return all.length <= SHORT ? title : `${all.slice(0, SHORT - 1).join("")}…`;
}

/** A title in a message, isolated so that its direction does not affect the words around it. */
export const isolate = (title) => `\u2068${shorten(title.replace(BIDI, ""))}\u2069`;
export const quote = (title) => `“${isolate(title)}”`;

/** A message as plain text, without isolation. */
export const plain = (words) => words.replace(/[\u2068\u2069]/g, "");

/** Shows a message. Isolated parts become elements of their own. */
export function message(node, words) {
  const parts = words.split(/[\u2068\u2069]/);
  node.replaceChildren(...parts.map((part, at) => (at % 2 ? el("bdi", null, part) : part)));
}

/**
 * Makes these the children of `root`, in this order. The child with the focus stays in place and
 * the others move around it, because a node that moves loses the focus, the selection and a
 * composition. If that child is removed, the focus passes to the same part of its neighbour, or to
 * `otherwise`.
 */
export function arrange(root, nodes, otherwise) {
  const stay = new Set(nodes);
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  const heirs = focused ? [focused, ...heirsOf(focused, root, stay), otherwise] : [];
  for (const child of [...root.children]) if (!stay.has(child)) child.remove();
  let at = root.firstElementChild;
  const pinned = focused && nodes.find((node) => node.contains(focused));
  for (const node of nodes) {
    while (node === pinned && at !== node) {
      const later = at;
      at = at.nextElementSibling;
      root.append(later);
    }
    if (node === at) at = at.nextElementSibling;
    else root.insertBefore(node, at);
  }
  heirs.some((heir) => {
    if (heir?.isConnected && document.activeElement !== heir) heir.focus();
    return heir && document.activeElement === heir;
  });
}

/**
 * The elements that may get the focus: in the nearest child that stays, the same part, and then the
 * first focusable one.
 */
function heirsOf(focused, root, stay) {
  let child = focused;
  while (child.parentElement !== root) child = child.parentElement;
  const nearest = (way) => {
    let node = child;
    while (node && !stay.has(node)) node = node[way];
    return node;
  };
  const next = nearest("nextElementSibling") ?? nearest("previousElementSibling");
  return next ? [next.querySelector(`.${focused.classList[0]}`), next.querySelector("[tabindex='0']")] : [];
}
