// Dragging: a row follows the pointer until it is released.

const EDGE = 72;
const SPEED_MAX = 18;

import { focused } from "./dom.js";

/**
 * @typedef {object} Held
 * @property {HTMLElement} node
 * @property {number} pointer
 * @property {number} x
 * @property {number} y
 * @property {(string | undefined)[]} from The ids of its first neighbours.
 * @property {AbortController} over
 * @property {boolean} drawn The list was drawn since the row was last moved to the pointer.
 */

/**
 * `drop` is called when the row has moved, and `redraw` when it goes back.
 * @param {HTMLElement} root
 * @param {{ drop: (id: string, above?: string, below?: string) => void, redraw: () => void }} acts
 */
export function dragging(root, { drop, redraw }) {
  /** @type {Held | null} */
  let held = null;

  /** @param {PointerEvent} event @param {HTMLElement} node */
  function grab(event, node) {
    if (held || event.button !== 0 || !event.isPrimary || event.ctrlKey) return;
    event.preventDefault();
    // Why not on the handle: the handle moves with its row, and an element that moves in the
    // document loses the pointer.
    root.setPointerCapture(event.pointerId);
    const over = new AbortController();
    const { pointerId: pointer, clientX: x, clientY: y } = event;
    const row = { node, pointer, x, y, from: neighbours(node), over, drawn: false };
    held = row;
    node.classList.add("dragged");
    root.classList.add("dragging");
    const { signal } = over;
    /** @param {(event: PointerEvent) => void} listener @returns {(event: PointerEvent) => void} */
    const mine = (listener) => (event) => event.pointerId === pointer && listener(event);
    const move = mine(({ clientX, clientY }) => (Object.assign(row, { x: clientX, y: clientY }), settle(row)));
    addEventListener("pointermove", move, { signal });
    addEventListener("pointerup", mine(() => end(true)), { signal });
    addEventListener("pointercancel", mine(() => end(false)), { signal });
    addEventListener("lostpointercapture", mine(() => end(false)), { signal });
    addEventListener("blur", () => end(false), { signal });
    addEventListener("keydown", cancel, { signal, capture: true });
    requestAnimationFrame(scroll);
  }

  /** @param {KeyboardEvent} event */
  function cancel(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    end(false);
  }

  /** @param {boolean} dropped */
  function end(dropped) {
    if (!held) return;
    const { node, from, over, pointer } = held;
    held = null;
    over.abort();
    if (root.hasPointerCapture(pointer)) root.releasePointerCapture(pointer);
    node.classList.remove("dragged");
    root.classList.remove("dragging");
    const [above, below] = neighbours(node);
    const moved = node.isConnected && (above !== from[0] || below !== from[1]);
    if (dropped && moved && node.dataset.id) drop(node.dataset.id, above, below);
    else redraw();
  }

  /**
   * Scrolls the list while the pointer is near an edge of the window. The scrolling is faster
   * closer to the edge.
   */
  function scroll() {
    if (!held) return;
    const near = Math.max(0, EDGE - held.y) - Math.max(0, held.y - (innerHeight - EDGE));
    if (near || held.drawn) held.drawn = false, settle(held);
    const speed = Math.ceil(SPEED_MAX * Math.min(1, Math.abs(near) / EDGE));
    if (near) scrollBy({ top: -Math.sign(near) * speed, behavior: "instant" });
    requestAnimationFrame(scroll);
  }

  /**
   * Moves the row to the pointer.
   * @param {Held} row
   */
  function settle({ node, x, y }) {
    const box = root.getBoundingClientRect();
    const left = within(x, box.left + 1, box.right - 1);
    const down = within(y, Math.max(box.top, 0) + 1, Math.min(box.bottom, innerHeight) - 1);
    const rows = document.elementsFromPoint(left, down).map((one) => one.closest(".todo"));
    const other = rows.find((one) => one && one !== node);
    if (!other) return;
    const { top, height } = other.getBoundingClientRect();
    const next = y < top + height / 2 ? other : other.nextElementSibling;
    if (next === node || next === node.nextElementSibling) return;
    const inside = node.contains(document.activeElement) ? focused() : null;
    root.insertBefore(node, next);
    inside?.focus({ preventScroll: true });
  }

  /**
   * The rows in their order, except that the dragged row keeps its place under the pointer.
   * @param {HTMLElement[]} nodes
   */
  function hold(nodes) {
    if (!held) return nodes;
    const { node } = held;
    if (!nodes.includes(node)) return end(false), nodes;
    held.drawn = true;
    return nodes.filter((other) => other !== node).toSpliced([...root.children].indexOf(node), 0, node);
  }

  return { grab, hold };
}

/** @param {number} at @param {number} low @param {number} high */
const within = (at, low, high) => Math.min(Math.max(at, low), high);

/** @param {HTMLElement} node */
function neighbours(node) {
  const idOf = (/** @type {Element | null} */ other) => (other instanceof HTMLElement ? other.dataset.id : undefined);
  return [idOf(node.previousElementSibling), idOf(node.nextElementSibling)];
}
