// Carries out what is undone and done again: above all, puts again what was deleted.

import { request } from "./api.js";
import { opOf, stepOps } from "./change.js";

export class Restorer {
  /** Keys of what was put again: the event of its deletion may still be on its way. */
  #awaited = new Set();

  /** `step(id, todo)` gives a step, `null` if there is none, and `undefined` if that is not known. */
  constructor({ todos, outbox, step, send }) {
    Object.assign(this, { todos, outbox, step, send });
  }

  /** What is there now, by key; `null` if that can't be known. */
  async current(changes) {
    const all = new Map(this.todos.all().map((todo) => [`todo:${todo.id}`, todo]));
    for (const { key, todo } of changes) {
      if (!key.startsWith("item:")) continue;
      const step = await this.#step(key, todo);
      if (step === undefined) return null;
      all.set(key, step);
    }
    return all;
  }

  async #step(key, todo) {
    const id = key.slice(5);
    const known = this.step(id, todo);
    if (known !== undefined) return known;
    const ops = this.outbox.of(key);
    if (ops.at(-1)?.method === "DELETE" || !this.todos.get(todo)) return null;
    try {
      const { value } = await request("GET", `/items/${id}`);
      return Object.assign(value, ...ops.map((op) => op.body));
    } catch (error) {
      return error.status === 404 ? null : undefined;
    }
  }

  carryOut(changes) {
    const back = new Set(changes.filter(({ from }) => !from).map(({ key }) => key));
    // A deletion that was never sent is dropped, and nothing has to be put again.
    const isUnsent = (op) => op.method === "DELETE" && !op.tried;
    this.outbox.drop((op) => isUnsent(op) && back.delete(op.key));
    for (const change of changes) {
      if (change.from) this.send(opOf(change));
      else if (back.has(change.key)) this.#put([{ ...opOf(change), restores: true }, ...stepOps(change, change.steps ?? [])]);
    }
  }

  /** A todo was deleted, and was perhaps put again before its steps were known. */
  learned(op) {
    if (this.todos.get(op.todo)) this.#put(stepOps(op, op.kept ?? []));
  }

  #put(ops) {
    for (const op of ops) this.#awaited.add(op.key), this.send(op);
  }

  /** Whether it was put again, and the service has not told so yet: a deletion that it tells of now is one of before. */
  awaits(key) {
    return this.#awaited.has(key);
  }

  forget(key) {
    this.#awaited.delete(key);
  }

  forgetAll() {
    this.#awaited.clear();
  }
}
