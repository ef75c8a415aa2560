// Handles keys of input methods, and finds shortcuts on keyboards of all scripts.

/**
 * Whether the input method handles this key. Safari ends the composition before the event, so there
 * only the key code shows it.
 * @param {KeyboardEvent} event
 */
const composes = (event) => event.isComposing || event.keyCode === 229;

let composing = false;
const first = { capture: true };
// In an input method, Enter chooses a candidate and Escape closes the list. No handler of the page
// may see those keys.
const drop = (/** @type {KeyboardEvent} */ event) => composes(event) && event.stopImmediatePropagation();
addEventListener("keydown", drop, first);
addEventListener("keyup", drop, first);
addEventListener("compositionstart", () => (composing = true), first);
addEventListener("compositionend", () => (composing = false), first);
addEventListener("submit", (event) => composing && (event.preventDefault(), event.stopImmediatePropagation()), first);

// A held Enter would press the next button, too, when the focus moves on.
addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter" && event.target instanceof HTMLButtonElement) event.preventDefault();
}, first);

/** @type {EventTarget | null} */
let typed = null;
addEventListener("input", ({ target }) => target === document.activeElement && (typed = target), first);
// When the whole window loses the focus, the field stays the active element.
addEventListener("focusout", ({ target }) => target !== document.activeElement && (typed = null), first);
// Submitting a form empties its field by script. After that, the browser cannot undo typing in it.
addEventListener("submit", () => (typed = null));

/**
 * Whether somebody has typed in this field since it got the focus.
 * @param {EventTarget} field
 */
export const isTyped = (field) => field === typed;

export const isMac = /^(Mac|iP)/.test(navigator.platform);

/** The name of the undo shortcut. */
export const UNDO_KEYS = isMac ? "⌘Z" : "Ctrl+Z";

/**
 * `"undo"`, `"redo"`, or nothing.
 * @param {KeyboardEvent} event @returns {"undo" | "redo" | undefined}
 */
export function shortcut(event) {
  const [held, other] = isMac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  // On some systems AltGr is reported as Ctrl and Alt. It writes a character and is no shortcut.
  if (!held || other || event.altKey || event.getModifierState("AltGraph")) return undefined;
  const letter = letterOf(event);
  if (letter === "z") return event.shiftKey ? "redo" : "undo";
  return letter === "y" && !event.shiftKey && !isMac ? "redo" : undefined;
}

/**
 * The letter on the key. On keyboards without Latin letters, the letter at its position on a Latin
 * keyboard.
 * @param {KeyboardEvent} event
 */
function letterOf({ key, code }) {
  const isOther = [...key].length === 1 && !/[\p{ASCII}\p{Script=Latin}]/u.test(key);
  return (isOther ? code.replace(/^Key/, "") : key).toLowerCase();
}
