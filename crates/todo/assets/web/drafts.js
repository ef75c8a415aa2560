// Words that are being typed. They are stored at each keystroke, so a crash or a reload loses none.
//
// A draft has the form of an entry of `parked.js`, because it is parked if its window ends.

/** @import { Entry } from "./types" */

import { remove, store } from "./storage.js";
import { inherit, own } from "./window.js";

const PREFIX = "todo.drafts.";

export class Drafts {
  /** @type {Map<string, Entry>} */
  #by = new Map();
  #storing = 0;
  /** Whether the page is being unloaded. Timers do not run any more then. */
  #leaving = false;

  /**
   * Calls `left` for each draft of a window that has ended: see `inherit`.
   * @param {(where: string, draft: Entry, follows: boolean) => void} left
   */
  constructor(left) {
    inherit(PREFIX, (/** @type {Record<string, Entry | null>} */ drafts, follows) => {
      for (const [where, draft] of Object.entries(drafts)) {
        if (typeof draft?.words === "string") left(where, draft, follows);
      }
    });
    addEventListener("pagehide", () => ((this.#leaving = true), this.#store()));
    addEventListener("pageshow", () => (this.#leaving = false));
  }

  get size() {
    return this.#by.size;
  }

  /** @param {string} where */
  get(where) {
    return this.#by.get(where);
  }

  /** @param {string} where @param {Entry} draft */
  keep(where, draft) {
    this.#by.set(where, draft);
    this.#store();
  }

  /**
   * What becomes of the words is stored first: the outbox has set its timer before this one.
   * @param {string} where
   */
  drop(where) {
    if (!this.#by.delete(where)) return;
    if (this.#leaving) this.#store();
    else this.#storing ||= setTimeout(() => this.#store());
  }

  #store() {
    clearTimeout(this.#storing);
    this.#storing = 0;
    if (this.#by.size) store(own(PREFIX), Object.fromEntries(this.#by));
    else remove(own(PREFIX));
  }
}
