// What people write, as the service takes it.

export const TITLE_MAX = 500;
export const NOTES_MAX = 10_000;

/** One line, without control characters. */
export const line = (words) => words.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();

/** Any text, but for the one character that not every database can store. */
export const prose = (words) => words.toWellFormed().replaceAll("\0", "");

/** In characters, of which some are two to JavaScript. */
export const isLonger = (words, max) => words.length > max && [...words].length > max;

/** Whether two texts differ in nothing that anybody typed. */
export const same = (one, other) => plain(one) === plain(other);

const plain = (words) => (words ?? "").replaceAll("\r\n", "\n").trim();
