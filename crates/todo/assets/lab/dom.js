// Elements, from text alone.

/**
 * The one element that the selector names, which must be there and of this kind.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @param {ParentNode} root
 */
export function find(selector, kind, root = document) {
  const node = root.querySelector(selector);
  if (node instanceof kind) return node;
  throw new TypeError(`${selector} is no ${kind.name}`);
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {string} [kind]
 * @param {string} [text]
 */
export function element(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
}
