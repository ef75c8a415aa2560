// Words that are being typed. They are stored at each keystroke, so a crash or a reload loses none.
//
// A draft has the form of an entry of `parked.js`, because it is parked if its window ends.

import { remove, store } from "./storage.js";
import { inherit, own } from "./window.js";

const PREFIX = "todo.drafts.";

export class Drafts {
  #by = new Map();
  #storing = 0;
  /** Whether the page is being unloaded. Timers do not run any more then. */
  #leaving = false;

  /**
   * Calls `left(where, draft, follows)` for each draft of a window that has ended: see `inherit`.
   */
  constructor(left) {
    inherit(PREFIX, (drafts, follows) => {
      for (const [where, draft] of Object.entries(drafts)) if (typeof draft?.words === "string") left(where, draft, follows);
    });
    addEventListener("pagehide", () => ((this.#leaving = true), this.#store()));
    addEventListener("pageshow", () => (this.#leaving = false));
  }

  get size() {
    return this.#by.size;
  }

  get(where) {
    return this.#by.get(where);
  }

  keep(where, draft) {
    this.#by.set(where, draft);
    this.#store();
  }

  /**
   * Drops a draft. Why with a timer: the words must first be stored where they went. The outbox has
   * set its timer before this one.
   */
  drop(where) {
    if (!this.#by.delete(where)) return;
    if (this.#leaving) this.#store();
    else this.#storing ||= setTimeout(() => this.#store());
  }

  #store() {
    this.#storing = clearTimeout(this.#storing);
    if (this.#by.size) store(own(PREFIX), Object.fromEntries(this.#by));
    else remove(own(PREFIX));
  }
}
