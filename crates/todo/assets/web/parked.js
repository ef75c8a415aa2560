// Words that could not be stored. They are kept until a person decides about them. All windows show
// the same list.
//
// An entry has these fields: `what` says what the text is, `words` is the text, `why` says why it
// is parked, `theirs` is the text of another window, if there is one, `again` holds the ops that
// store the words after all, and `action` is the label of the button that sends them.

/** @import { Entry } from "./types" */

import { newId } from "./id.js";
import { names, read, remove, store } from "./storage.js";

const PREFIX = "todo.parked.";

export class Parked {
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    for (const name of names(PREFIX).sort()) this.#put(name, read(name));
    addEventListener("storage", ({ key, newValue }) => {
      if (!key?.startsWith(PREFIX)) return;
      if (newValue) this.#put(key, read(key));
      else this.#entries.delete(key);
      changed();
    });
  }

  get size() {
    return this.#entries.size;
  }

  /** All entries, oldest first, each with its name in the storage. */
  all() {
    return [...this.#entries];
  }

  /** @param {Entry} entry */
  add(entry) {
    const name = PREFIX + newId();
    this.#entries.set(name, entry);
    store(name, entry);
    this.changed();
  }

  /** @param {string} name */
  remove(name) {
    remove(name);
    this.#entries.delete(name);
    this.changed();
  }

  /** @param {string} name @param {Entry | null} entry */
  #put(name, entry) {
    if (typeof entry?.words === "string" && Array.isArray(entry.again)) this.#entries.set(name, entry);
  }
}
