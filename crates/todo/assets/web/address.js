// The address of the page: the filter and the open todo, as in `#/active/todo/ID`.
//
// Opening a todo adds an entry to the history, so that Back closes it. Closing goes back to the
// previous entry.

const PATTERN = /^#\/(active|completed)?\/?(?:todo\/([0-9a-f-]+))?$/;

export class Address {
  /** Whether the page is going back in the history, which is asynchronous. */
  #leaving = false;
  #next = "";

  /**
   * `changed()` is called when a person goes back, forward or elsewhere.
   * @param {() => void} changed
   */
  constructor(changed) {
    // The page must not scroll when a todo is closed.
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => {
      this.#leaving = false;
      const next = this.#next;
      this.#next = "";
      if (next) this.open(next);
      changed();
    });
  }

  /** The filter: `"active"`, `"completed"` or `""`. */
  get filter() {
    return location.hash.match(PATTERN)?.[1] ?? "";
  }

  /** The id of the todo that is open, or nothing. */
  get todo() {
    return this.#leaving ? this.#next : (location.hash.match(PATTERN)?.[2] ?? "");
  }

  /** @param {string} id */
  open(id) {
    if (this.#leaving) return void (this.#next = id);
    const to = format(this.filter, id);
    if (this.todo) history.replaceState(history.state, "", to);
    else history.pushState({ opened: true }, "", to);
  }

  close() {
    this.#next = "";
    if (!this.todo) return;
    // After following a link, the previous entry is not of this page.
    if (!history.state?.opened) return history.replaceState(null, "", format(this.filter, ""));
    this.#leaving = true;
    history.back();
  }
}

/** @param {string} filter @param {string} id */
const format = (filter, id) => `#/${[filter, id && `todo/${id}`].filter(Boolean).join("/")}`;
