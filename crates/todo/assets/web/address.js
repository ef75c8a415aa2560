// The address of the page: the filter and the open todo, as in `#/active/todo/ID`.
//
// Opening a todo adds an entry to the history, so that Back closes it. Closing goes back to the
// previous entry.

const PATTERN = /^#\/(active|completed)?\/?(?:todo\/([0-9a-f-]+))?$/;

export class Address {
  /** Whether the page is going back in the history, which is asynchronous. */
  #leaving = false;
  /** The todo to open when the page has gone back. */
  #next = null;

  /**
   * Calls `changed()` when the address changes: after Back, Forward, a link or an edit of the
   * address.
   */
  constructor(changed) {
    // The page must not scroll when a todo is closed.
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => {
      this.#leaving = false;
      const next = this.#next;
      this.#next = null;
      if (next) this.open(next);
      changed();
    });
  }

  /** The filter: `"active"`, `"completed"` or `""`. */
  get filter() {
    return location.hash.match(PATTERN)?.[1] ?? "";
  }

  /** The id of the open todo; `null` if none is open. */
  get todo() {
    return this.#leaving ? this.#next : (location.hash.match(PATTERN)?.[2] ?? null);
  }

  open(id) {
    if (this.#leaving) return void (this.#next = id);
    const to = format(this.filter, id);
    if (this.todo) history.replaceState(history.state, "", to);
    else history.pushState({ opened: true }, "", to);
  }

  close() {
    this.#next = null;
    if (!this.todo) return;
    // If a link opened this address, the previous entry of the history is not ours.
    if (!history.state?.opened) return history.replaceState(null, "", format(this.filter));
    this.#leaving = true;
    history.back();
  }
}

const format = (filter, id) => `#/${[filter, id && `todo/${id}`].filter(Boolean).join("/")}`;
