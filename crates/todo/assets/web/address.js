// The address of the page: which todos are shown, and which one is open, as in `#/active/todo/ID`.
//
// Opening makes an entry in the history, so that Back closes; closing goes back to the entry before.

const PATTERN = /^#\/(active|completed)?\/?(?:todo\/([0-9a-f-]+))?$/;

export class Address {
  /** Going back takes a moment. */
  #leaving = false;
  #next = null;

  /** `changed()` is called when a person goes back, forward or elsewhere. */
  constructor(changed) {
    // Nothing jumps when a todo is closed.
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => {
      this.#leaving = false;
      const next = this.#next;
      this.#next = null;
      if (next) this.open(next);
      changed();
    });
  }

  /** `"active"`, `"completed"` or nothing. */
  get filter() {
    return location.hash.match(PATTERN)?.[1] ?? "";
  }

  /** The id of the todo that is open. */
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
    // Whoever came by a link has nothing of the page behind.
    if (!history.state?.opened) return history.replaceState(null, "", format(this.filter));
    this.#leaving = true;
    history.back();
  }
}

const format = (filter, id) => `#/${[filter, id && `todo/${id}`].filter(Boolean).join("/")}`;
