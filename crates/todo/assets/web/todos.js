// The todos as a person sees them: what the service has said, with what is not confirmed yet on top.

import { pages } from "./api.js";
import { before } from "./order.js";

export class Todos {
  #known = new Map();
  /** Events that came while everything was read. */
  #meanwhile = null;
  loaded = false;

  constructor(outbox) {
    this.outbox = outbox;
  }

  /** In their order. */
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
      if (op.method === "DELETE") return null;
      if (op.method === "PUT") todo = { id: op.path.split("/").pop(), notes: null, completed: false, order: Number.MAX_SAFE_INTEGER, ...todo, ...op.body };
      else if (todo) todo = { ...todo, ...op.body };
    }
    return todo && { ...todo, pending: true };
  }

  get(id) {
    return this.#with(this.#known.get(id) ?? null, this.outbox.of(keyOf(id)));
  }

  /** The newest wins: answers and events may overtake each other. */
  put(todo) {
    this.#meanwhile?.push(() => this.put(todo));
    const known = this.#known.get(todo.id);
    if (!known || known.updated_at <= todo.updated_at) this.#known.set(todo.id, todo);
  }

  delete(id) {
    this.#meanwhile?.push(() => this.delete(id));
    this.#known.delete(id);
  }

  /** Reads everything anew. Shows pages as they come when there was nothing before. */
  async read(changed) {
    const meanwhile = (this.#meanwhile = []);
    const fresh = new Map();
    for await (const page of pages("/todos?limit=1000")) {
      for (const todo of page) fresh.set(todo.id, todo);
      if (!this.loaded) {
        for (const todo of page) this.#known.set(todo.id, todo);
        changed();
      }
    }
    if (meanwhile !== this.#meanwhile) return;
    this.#known = fresh;
    this.#meanwhile = null;
    meanwhile.forEach((again) => again());
    this.loaded = true;
    changed();
  }
}

export const keyOf = (id) => `todo:${id}`;
