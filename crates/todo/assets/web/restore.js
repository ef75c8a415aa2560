// Carries out undo and redo. Most of this is about restoring deleted objects.

import { request } from "./api.js";
import { opOf, stepOps } from "./change.js";

export class Restorer {
  /**
   * The keys of restored objects whose restoring is not confirmed. The events of their deletion may
   * still arrive.
   */
  #awaited = new Set();

  /**
   * `step(id, todo)` returns a step, `null` if there is none, and `undefined` if that is not known.
   */
  constructor({ todos, outbox, step, send }) {
    Object.assign(this, { todos, outbox, step, send });
  }

  /** The present state of the changed objects by key; `null` if it cannot be read. */
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
    // A deletion that was not sent is dropped. Its object does not have to be restored.
    const isUnsent = (op) => op.method === "DELETE" && !op.tried;
    this.outbox.drop((op) => isUnsent(op) && back.delete(op.key));
    for (const change of changes) {
      if (change.from) this.send(opOf(change));
      else if (back.has(change.key)) this.#put([{ ...opOf(change), restores: true }, ...stepOps(change, change.steps ?? [])]);
    }
  }

  /**
   * The steps of a deleted todo were read. If the todo has been restored already, they are restored
   * too.
   */
  learned(op) {
    if (this.todos.get(op.todo)) this.#put(stepOps(op, op.kept ?? []));
  }

  #put(ops) {
    for (const op of ops) this.#awaited.add(op.key), this.send(op);
  }

  /**
   * Whether the object was restored and the service has not confirmed that. An event of its
   * deletion is then outdated.
   */
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
