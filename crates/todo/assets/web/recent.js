// The words that this window stored a moment ago. If another window overwrites or deletes them now,
// it had not seen them.

import { elapsed } from "./clock.js";
import { session } from "./storage.js";

/**
 * If a window overwrites words within this time, it is assumed not to have received them before.
 */
const OVERWRITE_MS = 5000;
/** If a window deletes words within this time, it may not have received them before. */
const DELETE_MS = 15_000;
const NAME = "todo.recent";
export const TEXTS = ["title", "notes"];

export class Recent {
  #by = new Map();

  /** Restores the words of the previous page of this tab after a reload. */
  constructor() {
    const before = session(NAME);
    for (const one of Array.isArray(before) ? before : []) this.#by.set(one.key, { ...one, at: elapsed() });
  }

  /** Records the words of an op that was confirmed. */
  wrote({ key, body, todo, about }) {
    this.#purge();
    const words = { ...this.#by.get(key)?.words };
    for (const field of TEXTS) if (body?.[field]) words[field] = body[field];
    if (!Object.keys(words).length) return;
    this.#by.set(key, { key, todo, about, words, at: elapsed() });
    this.#store();
  }

  /** The objects with recent words, each with its key and its todo. */
  all() {
    this.#purge();
    return [...this.#by.values()];
  }

  /** The recent words that are missing in `now`, by field. Each is returned only once. */
  overwritten(key, now) {
    this.#purge();
    const recent = this.#by.get(key);
    const lost = {};
    if (!recent || elapsed() - recent.at > OVERWRITE_MS) return lost;
    for (const field of Object.keys(recent.words)) {
      if ((now[field] ?? "").includes(recent.words[field].trim())) continue;
      lost[field] = recent.words[field];
      delete recent.words[field];
      this.#store();
    }
    return lost;
  }

  /** The recent words of a deleted todo and its checklist. Each is returned only once. */
  takeOf(todo) {
    this.#purge();
    const gone = [...this.#by.values()].filter((recent) => recent.todo === todo);
    for (const { key } of gone) this.#by.delete(key);
    if (gone.length) this.#store();
    return gone;
  }

  /** The recent words of one key. They are returned only once. */
  take(key) {
    this.#purge();
    const recent = this.#by.get(key);
    if (this.#by.delete(key)) this.#store();
    return recent;
  }

  #store() {
    session(NAME, [...this.#by.values()]);
  }

  #purge() {
    for (const [key, { at }] of this.#by) if (elapsed() - at > DELETE_MS) this.#by.delete(key);
  }
}
