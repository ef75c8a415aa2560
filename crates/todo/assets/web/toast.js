// A message about the last action, with an undo button. The message disappears after a while. Undo
// stays available elsewhere.

import { byId, find, message } from "./dom.js";
import { keysOf } from "./fields.js";

const SHOWN_MS = 20_000;

/** @typedef {"undo" | "show"} Offer */

/**
 * `left()` moves the focus when the message disappears.
 * @param {{ left: () => void }} page
 */
export function toast({ left }) {
  const root = byId("toast");
  const buttons = { undo: find(".undo", root), show: find(".show", root) };
  let timer = 0;
  /** @type {Partial<Record<Offer, () => void>>} */
  let acts = {};
  for (const name of keysOf(buttons)) buttons[name].addEventListener("click", () => (hide(), acts[name]?.()));
  find(".dismiss", root).addEventListener("click", hide);
  root.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), hide()));

  /**
   * `offered` may have `undo()`, which undoes the action, and `show()`, which shows its object.
   * @param {string} words
   * @param {typeof acts} offered
   */
  function tell(words, offered = {}) {
    const focused = root.contains(document.activeElement);
    acts = offered;
    message(byId("toast-words"), words);
    for (const name of keysOf(buttons)) buttons[name].hidden = !acts[name];
    root.hidden = false;
    if (focused && !document.activeElement?.checkVisibility()) left();
    later();
  }

  /** Hides the message later. It stays while the pointer or the focus is on it. */
  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => (root.matches(":hover, :focus-within") ? later() : hide()), SHOWN_MS);
  }

  function hide() {
    clearTimeout(timer);
    const focused = root.contains(document.activeElement);
    root.hidden = true;
    if (focused) left();
  }

  return { tell, hide };
}
