// Prepares the texts that people write for the service.

export const TITLE_MAX = 500;
export const NOTES_MAX = 10_000;

/** A visible character. The service has the same rule in `todo-core/src/text.rs`. */
const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u{2800}\u{FFF9}-\u{FFFB}\u{1D159}]/u;

/**
 * The text as one line without control characters; empty if nothing in it is visible.
 * @param {string} words
 */
export function line(words) {
  if (!VISIBLE.test(words)) return "";
  return words.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/**
 * Any text, but for the one character that not every database can store.
 * @param {string} words
 */
export const prose = (words) => words.toWellFormed().replaceAll("\0", "");

/**
 * In characters, of which some are two to JavaScript.
 * @param {string} words @param {number} max
 */
export const isLonger = (words, max) => words.length > max && [...words].length > max;

/**
 * Whether two texts differ in nothing that somebody typed.
 * @param {string | null | undefined} one @param {string | null | undefined} other
 */
export const same = (one, other) => plain(one) === plain(other);

/** @param {string | null | undefined} words */
const plain = (words) => (words ?? "").replaceAll("\r\n", "\n").trim();
