// The todos as a person sees them: the confirmed state of the service with the unconfirmed ops
// applied.

import { pages } from "./api.js";
import { Known } from "./known.js";
import { before } from "./order.js";

export class Todos {
  #known = new Known();
  loaded = false;

  constructor(outbox) {
    this.outbox = outbox;
  }

  /** All todos, in order. */
  all() {
    const ops = this.outbox.byKey();
    const todos = Array.from(this.#known.values(), (todo) => this.#with(todo, ops.get(keyOf(todo.id)) ?? []));
    for (const [key, own] of ops) {
      if (key.startsWith("todo:") && !this.#known.has(key.slice(5))) todos.push(this.#with(null, own));
    }
    return todos.filter(Boolean).sort(before);
  }

  #with(todo, ops) {
    if (!ops.length) return todo;
    for (const op of ops) {
      // The op that restores a todo may wait behind the op that deletes it.
      if (op.method === "DELETE") todo = null;
      else if (op.method === "PUT") todo = { id: op.path.split("/").pop(), notes: null, completed: false, order: Infinity, ...todo, ...op.body };
      else if (todo) todo = { ...todo, ...op.body };
    }
    return todo && { ...todo, pending: true };
  }

  get(id) {
    return this.#with(this.#known.get(id) ?? null, this.outbox.of(keyOf(id)));
  }

  /** The confirmed state, without pending ops. */
  known(id) {
    return this.#known.get(id);
  }

  /** Applies an event: `false` if it is older than the known state. */
  put(todo) {
    return this.#known.put(todo);
  }

  /** Applies an answer to a request of this window. */
  answer(todo) {
    this.#known.answer(todo);
  }

  /** This window creates the deleted todo again. */
  revive(id) {
    this.#known.revive(id);
  }

  create(todo) {
    this.#known.create(todo);
  }

  delete(id) {
    this.#known.delete(id);
  }

  /** Reads all todos again. The first reading shows each page as it arrives. */
  async read(changed) {
    const meanwhile = this.#known.begin();
    const fresh = [];
    for await (const page of pages("/todos?limit=1000")) {
      if (!this.#known.isCurrent(meanwhile)) return;
      fresh.push(...page);
      if (!this.loaded) {
        for (const todo of page) this.#known.put(todo);
        changed();
      }
    }
    if (!this.#known.replace(fresh, meanwhile)) return;
    this.loaded = true;
    changed();
  }
}

export const keyOf = (id) => `todo:${id}`;
