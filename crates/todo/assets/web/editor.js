// A text field that never changes under a person who types in it. If another window changes the
// text meanwhile, a note beside the field shows that text and asks which one to keep.

/** @import { Drafts } from "./drafts.js" */
/** @import { EditorActs } from "./types" */

import { el, focused, text } from "./dom.js";
import { same } from "./words.js";

const CHANGED = "This was changed in another window meanwhile. The text there is now:";
const DELETED = "This was deleted in another window. Your text is kept here.";

/** @param {HTMLInputElement | HTMLTextAreaElement} field @param {Drafts} drafts @param {EditorActs} act */
export function editor(field, drafts, act) {
  let where = "";
  let base = "";
  let typed = false;
  /**
   * The text of others; `null` if they deleted it; `undefined` if they changed nothing.
   * @type {string | null | undefined}
   */
  let theirs;

  const told = el("p");
  const quote = el("blockquote", { dir: "auto" });
  const mine = button("Keep mine", () => keep() && act.leave());
  const other = button("Take theirs", () => (take(), act.leave()));
  const copy = button("Copy mine", () => copyText(field.value));
  const choices = el("p", { class: "choices" }, mine, other, copy);
  const note = el("div", { class: "note", role: "alert", hidden: true }, told, quote, choices);
  const node = el("div", { class: "editor" }, field, note);

  /** @param {string} words @param {() => void} onclick */
  function button(words, onclick) {
    // Why: the field must keep the focus.
    const onpointerdown = (/** @type {Event} */ event) => event.preventDefault();
    return el("button", { type: "button", onclick, onpointerdown }, words);
  }

  field.addEventListener("input", () => {
    if (!where) return;
    typed = true;
    remember();
  });

  /** @param {string} at @param {string} now */
  function open(at, now) {
    where = at;
    base = field.value = now;
    typed = false;
    theirs = undefined;
    show();
  }

  /**
   * Tells the present text, `null` if it was deleted. `own` if this window made the change.
   * @param {string | null} now @param {boolean} own
   */
  function see(now, own = false) {
    if (!where) return;
    const before = theirs;
    theirs = undefined;
    if (now === null) theirs = null;
    else if (same(now, field.value)) base = now;
    else if (!same(now, base)) {
      if (typed && (!own || unsaved())) theirs = now;
      else adopt(now);
    }
    if (theirs === before) return;
    show();
    remember();
  }

  /** Stores a draft of the text while it is unsaved or undecided, so that it survives the page. */
  function remember() {
    if (typed && (unsaved() || theirs !== undefined)) drafts.keep(where, act.draft(field.value, theirs ?? base));
    else drafts.drop(where);
  }

  /** @param {string} now */
  function adopt(now) {
    const { selectionStart: start, selectionEnd: end } = field;
    base = field.value = now;
    typed = false;
    if (document.activeElement === field) field.setSelectionRange(start, end);
  }

  function show() {
    note.hidden = theirs === undefined;
    if (note.hidden) return;
    const gone = theirs === null;
    text(told, gone ? DELETED : CHANGED);
    quote.hidden = gone;
    text(quote, theirs || "(nothing)");
    text(mine, gone ? "Restore it with this text" : "Keep mine");
    text(other, gone ? "Discard" : "Take theirs");
  }

  const unsaved = () => !same(field.value, base);

  /** Saves or restores the text. `false` if the words cannot be stored. */
  function keep() {
    const kept = theirs === null ? act.restore(field.value) : !unsaved() || act.save(field.value, theirs ?? base);
    if (kept === false) return false;
    base = field.value;
    theirs = undefined;
    drafts.drop(where);
    show();
    return true;
  }

  function take() {
    // The text was deleted, so the editing ends. Losing the focus must not save it.
    if (theirs === null) return end();
    if (theirs !== undefined) adopt(theirs);
    theirs = undefined;
    typed = false;
    drafts.drop(where);
    show();
  }

  /**
   * Ends the editing and saves the text. Undecided words are parked. `false` if the words cannot be
   * stored.
   */
  function leave() {
    if (!where) return true;
    if (theirs === undefined) {
      if (!keep()) return false;
    } else if (typed && field.value.trim()) act.park(act.draft(field.value, theirs ?? base), theirs);
    end();
    return true;
  }

  /** Ends the editing without saving. */
  function end() {
    if (where) drafts.drop(where);
    where = "";
    theirs = undefined;
    show();
  }

  return {
    node,
    open,
    see,
    keep,
    leave,
    end,
    /**
     * The words were not stored. They replace `before`, which is the last text that was seen here.
     * @param {string} before
     */
    failed(before) {
      base = before;
      typed = true;
      remember();
    },
    get typed() {
      return Boolean(where) && typed;
    },
    get unsaved() {
      return Boolean(where) && (unsaved() || theirs !== undefined);
    },
    get disputed() {
      return theirs !== undefined;
    },
    get isOpen() {
      return Boolean(where);
    },
  };
}

/**
 * Copies without the clipboard permission by the older `execCommand`.
 * @param {string} words
 */
export async function copyText(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const holder = el("textarea", { class: "sr" });
    const before = focused();
    holder.value = words;
    document.body.append(holder);
    holder.select();
    document.execCommand("copy");
    holder.remove();
    before?.focus();
  }
}
