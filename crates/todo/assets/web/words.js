// Prepares the texts that people write for the service.

export const TITLE_MAX = 500;
export const NOTES_MAX = 10_000;

/** A visible character. The service has the same rule in `todo-core/src/text.rs`. */
const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u{2800}\u{FFF9}-\u{FFFB}\u{1D159}]/u;

/** The text as one line without control characters; empty if nothing in it is visible. */
export const line = (words) => VISIBLE.test(words) ? words.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim() : "";

/** The text without U+0000, which not every database can store. */
export const prose = (words) => words.toWellFormed().replaceAll("\0", "");

/**
 * Whether the text has more than `max` characters. Why not `length`: it counts some characters
 * twice.
 */
export const isLonger = (words, max) => words.length > max && [...words].length > max;

/** Whether two texts are equal except for line endings and white space around them. */
export const same = (one, other) => plain(one) === plain(other);

const plain = (words) => (words ?? "").replaceAll("\r\n", "\n").trim();
