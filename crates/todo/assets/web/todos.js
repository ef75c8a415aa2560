// The todos as a person sees them: the confirmed state of the service with the unconfirmed ops
// applied.

/** @import { Outbox } from "./outbox.js" */
/** @import { Op, StoredTodo, Todo } from "./types" */

import { pages } from "./api.js";
import { Known } from "./known.js";
import { before } from "./order.js";

export class Todos {
  /** @type {Known<StoredTodo>} */
  #known = new Known();
  loaded = false;

  /** @param {Outbox} outbox */
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
    return todos.filter((todo) => todo !== null).sort(before);
  }

  /** @param {Todo | null} todo @param {Op[]} ops @returns {Todo | null} */
  #with(todo, ops) {
    if (!ops.length) return todo;
    for (const op of ops) {
      // The op that restores a todo may wait behind the op that deletes it.
      if (op.method === "DELETE") todo = null;
      else if (op.method === "PUT") todo = { ...added(op.key.slice(5)), ...todo, ...op.body };
      else if (todo) todo = { ...todo, ...op.body };
    }
    return todo && { ...todo, pending: true };
  }

  /** @param {string} id */
  get(id) {
    return this.#with(this.#known.get(id) ?? null, this.outbox.of(keyOf(id)));
  }

  /**
   * The confirmed state, without pending ops.
   * @param {string} id
   */
  known(id) {
    return this.#known.get(id);
  }

  /**
   * Applies an event: `false` if it is older than the known state.
   * @param {StoredTodo} todo
   */
  put(todo) {
    return this.#known.put(todo);
  }

  /**
   * Applies an answer to a request of this window.
   * @param {StoredTodo} todo
   */
  answer(todo) {
    this.#known.answer(todo);
  }

  /**
   * This window creates it again.
   * @param {string} id
   */
  revive(id) {
    this.#known.revive(id);
  }

  /** @param {StoredTodo} todo */
  create(todo) {
    this.#known.create(todo);
  }

  /** @param {string} id */
  delete(id) {
    this.#known.delete(id);
  }

  /**
   * Reads everything anew. Shows pages as they come when there was nothing before.
   * @param {() => void} changed
   */
  async read(changed) {
    const meanwhile = this.#known.begin();
    /** @type {StoredTodo[]} */
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

/** @param {string} id */
export const keyOf = (id) => `todo:${id}`;

/**
 * A todo that the service does not know yet. It stands last, unless it is given an order.
 * @param {string} id
 * @returns {Todo}
 */
const added = (id) => ({ id, title: "", notes: null, completed: false, order: Infinity });
