// The buttons and the shortcuts of undo and redo.

/** @import { Undo } from "./undo.js" */

import { byId, find, plain, text } from "./dom.js";
import { UNDO_KEYS, isTyped, shortcut } from "./keys.js";

const FIELDS = "input[type=text], textarea";

/** @param {Undo} undo */
export function undoButtons(undo) {
  byId("undo").addEventListener("click", () => undo.undo());
  byId("redo").addEventListener("click", () => undo.redo());
  addEventListener("keydown", (event) => {
    const name = shortcut(event);
    if (!name || isUsed(event.target)) return;
    event.preventDefault();
    undo[name]();
  });
  addEventListener("focusout", () => undo.seal());
  text(byId("undo-keys"), UNDO_KEYS);

  /**
   * Moves the focus away from a button that disappears.
   * @param {HTMLElement} button
   * @param {string | undefined} words
   * @param {HTMLElement} other
   */
  function offer(button, words, other) {
    button.title = words ? plain(words) : "";
    if (!words && document.activeElement === button) (other.hidden ? find("h1") : other).focus();
    button.hidden = !words;
  }

  function show() {
    offer(byId("undo"), undo.last, byId("redo"));
    offer(byId("redo"), undo.next, byId("undo"));
  }

  return { show };
}

/**
 * A text field undoes its own typing, also after it was emptied.
 * @param {EventTarget | null} field
 */
function isUsed(field) {
  const isField = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  return isField && field.matches(FIELDS) && (field.value !== "" || isTyped(field));
}
