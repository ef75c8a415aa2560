// The words that this window stored a moment ago. If another window overwrites or deletes them now,
// it had not seen them.

/** @import { Fields, Op, RecentWords, Texts } from "./types" */

import { elapsed } from "./clock.js";
import { TEXTS, keysOf, pick } from "./fields.js";
import { session } from "./storage.js";

/**
 * If a window overwrites words within this time, it is assumed not to have received them before.
 */
const OVERWRITE_MS = 5000;
/** If a window deletes words within this time, it may not have received them before. */
const DELETE_MS = 15_000;
const NAME = "todo.recent";

export class Recent {
  /** @type {Map<string, RecentWords>} */
  #by = new Map();

  /** Restores the words of the previous page of this tab after a reload. */
  constructor() {
    const before = session(NAME);
    for (const one of Array.isArray(before) ? before : []) this.#by.set(one.key, { ...one, at: elapsed() });
  }

  /**
   * Records an op with words that was confirmed.
   * @param {Op} op
   */
  wrote({ key, body, todo, about }) {
    this.#purge();
    const words = { ...this.#by.get(key)?.words, ...(body && pick(body, TEXTS.filter((field) => body[field]))) };
    if (!Object.keys(words).length) return;
    this.#by.set(key, { key, todo, about, words, at: elapsed() });
    this.#store();
  }

  /** The objects with recent words, each with its key and its todo. */
  all() {
    this.#purge();
    return [...this.#by.values()];
  }

  /**
   * The words that are missing in `now`, by field. Each is reported once.
   * @param {string} key @param {Fields} now
   */
  overwritten(key, now) {
    this.#purge();
    const recent = this.#by.get(key);
    /** @type {Texts} */
    const lost = {};
    if (!recent || elapsed() - recent.at > OVERWRITE_MS) return lost;
    for (const field of keysOf(recent.words)) {
      const words = recent.words[field] ?? "";
      if ((now[field] ?? "").includes(words.trim())) continue;
      lost[field] = words;
      delete recent.words[field];
      this.#store();
    }
    return lost;
  }

  /**
   * The words of a deleted todo and its checklist. Each is reported once.
   * @param {string} todo
   */
  takeOf(todo) {
    this.#purge();
    const gone = [...this.#by.values()].filter((recent) => recent.todo === todo);
    for (const { key } of gone) this.#by.delete(key);
    if (gone.length) this.#store();
    return gone;
  }

  /**
   * The words of one key.
   * @param {string} key
   */
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
