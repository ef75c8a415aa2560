// Dragging: a row follows the pointer until it is released.

const EDGE = 72;
const SPEED_MAX = 18;

/**
 * Calls `drop(id, above, below)` when a row was dropped at another place, and `redraw()` when it
 * goes back to its place.
 */
export function dragging(root, { drop, redraw }) {
  let held = null;

  function grab(event, node) {
    if (held || event.button !== 0 || !event.isPrimary || event.ctrlKey) return;
    event.preventDefault();
    // Why not on the handle: the handle moves with its row, and an element that moves in the
    // document loses the pointer.
    root.setPointerCapture(event.pointerId);
    const over = new AbortController();
    held = { node, pointer: event.pointerId, x: event.clientX, y: event.clientY, from: neighbours(node), over };
    node.classList.add("dragged");
    root.classList.add("dragging");
    const on = (type, listener, options) => addEventListener(type, listener, { signal: over.signal, ...options });
    const mine = (listener) => (event) => event.pointerId === held?.pointer && listener(event);
    on("pointermove", mine(({ clientX, clientY }) => (Object.assign(held, { x: clientX, y: clientY }), settle())));
    on("pointerup", mine(() => end(true)));
    on("pointercancel", mine(() => end(false)));
    on("lostpointercapture", mine(() => end(false)));
    on("blur", () => end(false));
    on("keydown", (event) => event.key === "Escape" && (event.preventDefault(), event.stopImmediatePropagation(), end(false)), { capture: true });
    requestAnimationFrame(scroll);
  }

  function end(dropped) {
    if (!held) return;
    const { node, from, over, pointer } = held;
    held = null;
    over.abort();
    if (root.hasPointerCapture(pointer)) root.releasePointerCapture(pointer);
    node.classList.remove("dragged");
    root.classList.remove("dragging");
    const [above, below] = neighbours(node);
    if (dropped && node.isConnected && (above !== from[0] || below !== from[1])) drop(node.dataset.id, above, below);
    else redraw();
  }

  /**
   * Scrolls the list while the pointer is near an edge of the window. The scrolling is faster
   * closer to the edge.
   */
  function scroll() {
    if (!held) return;
    const near = Math.max(0, EDGE - held.y) - Math.max(0, held.y - (innerHeight - EDGE));
    if (near || held.drawn) held.drawn = false, settle();
    if (near) scrollBy({ top: -Math.sign(near) * Math.ceil(SPEED_MAX * Math.min(1, Math.abs(near) / EDGE)), behavior: "instant" });
    requestAnimationFrame(scroll);
  }

  /** Moves the row to the pointer. */
  function settle() {
    const { node, x, y } = held;
    const box = root.getBoundingClientRect();
    const within = (at, low, high) => Math.min(Math.max(at, low), high);
    const at = [within(x, box.left + 1, box.right - 1), within(y, Math.max(box.top, 0) + 1, Math.min(box.bottom, innerHeight) - 1)];
    const other = document.elementsFromPoint(...at).map((one) => one.closest(".todo")).find((one) => one && one !== node);
    if (!other) return;
    const { top, height } = other.getBoundingClientRect();
    const next = y < top + height / 2 ? other : other.nextElementSibling;
    if (next === node || next === node.nextElementSibling) return;
    const focused = node.contains(document.activeElement) ? document.activeElement : null;
    root.insertBefore(node, next);
    focused?.focus({ preventScroll: true });
  }

  /** The rows in their order, except that the dragged row keeps its place under the pointer. */
  function hold(nodes) {
    if (!held) return nodes;
    const { node } = held;
    if (!nodes.includes(node)) return end(false), nodes;
    held.drawn = true;
    return nodes.filter((other) => other !== node).toSpliced([...root.children].indexOf(node), 0, node);
  }

  return { grab, hold };
}

const neighbours = (node) => [node.previousElementSibling?.dataset.id, node.nextElementSibling?.dataset.id];
