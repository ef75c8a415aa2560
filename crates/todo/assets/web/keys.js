// What keys mean: those of an input method, and shortcuts on the keyboards of all scripts.

/** Whether this key is for the input method. Safari ends the composition first; only the code tells that key. */
const composes = (event) => event.isComposing || event.keyCode === 229;

let composing = false;
const first = { capture: true };
// Enter chooses a candidate and Escape closes the candidates: no handler of the page is to see them.
for (const type of ["keydown", "keyup"]) addEventListener(type, (event) => composes(event) && event.stopImmediatePropagation(), first);
addEventListener("compositionstart", () => (composing = true), first);
addEventListener("compositionend", () => (composing = false), first);
addEventListener("submit", (event) => composing && (event.preventDefault(), event.stopImmediatePropagation()), first);

export const isMac = /^(Mac|iP)/.test(navigator.platform);

/** The keys that undo, as people call them. */
export const UNDO_KEYS = isMac ? "⌘Z" : "Ctrl+Z";

/** `"undo"`, `"redo"`, or nothing. */
export function shortcut(event) {
  const [held, other] = isMac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  // AltGr is Ctrl and Alt on some systems, and writes a character.
  if (!held || other || event.altKey || event.getModifierState("AltGraph")) return undefined;
  const letter = letterOf(event);
  if (letter === "z") return event.shiftKey ? "redo" : "undo";
  return letter === "y" && !event.shiftKey && !isMac ? "redo" : undefined;
}

/** What is written on the key; where that is no Latin letter, what is written on it elsewhere. */
function letterOf({ key, code }) {
  const isOther = [...key].length === 1 && !/[\p{ASCII}\p{Script=Latin}]/u.test(key);
  return (isOther ? code.replace(/^Key/, "") : key).toLowerCase();
}
