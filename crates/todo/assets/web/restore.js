// Carries out undo and redo. Most of this is about restoring deleted objects.

/** @import { Outbox } from "./outbox.js" */
/** @import { Todos } from "./todos.js" */
/** @import { Change, Fields, NewOp, Op, Step } from "./types" */

import { Refused, request } from "./api.js";
import { opOf, stepOps } from "./change.js";

export class Restorer {
  /**
   * Keys of restored objects. The events of their deletion may still arrive.
   * @type {Set<string>}
   */
  #awaited = new Set();

  /**
   * `step(id, todo)` returns a step, `null` if there is none, and `undefined` if that is not known.
   * @param {object} page
   * @param {Todos} page.todos
   * @param {Outbox} page.outbox
   * @param {(id: string, todo: string) => Step | null | undefined} page.step
   * @param {(op: NewOp) => boolean} page.send
   */
  constructor({ todos, outbox, step, send }) {
    this.todos = todos;
    this.outbox = outbox;
    this.step = step;
    this.send = send;
  }

  /**
   * The present state by key; `null` if it can't be known.
   * @param {Change[]} changes
   */
  async current(changes) {
    /** @type {Map<string, Fields | null>} */
    const all = new Map(this.todos.all().map((todo) => [`todo:${todo.id}`, todo]));
    for (const { key, todo } of changes) {
      if (!key.startsWith("item:")) continue;
      const step = await this.#step(key, todo);
      if (step === undefined) return null;
      all.set(key, step);
    }
    return all;
  }

  /** @param {string} key @param {string} todo @returns {Promise<Fields | null | undefined>} */
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
      return error instanceof Refused && error.status === 404 ? null : undefined;
    }
  }

  /** @param {Change[]} changes */
  carryOut(changes) {
    const back = new Set(changes.filter(({ from }) => !from).map(({ key }) => key));
    // A deletion that was not sent is dropped, and nothing has to be restored.
    this.outbox.drop((op) => op.method === "DELETE" && !op.tried && back.delete(op.key));
    for (const change of changes) {
      if (change.from) this.send(opOf(change));
      else if (back.has(change.key)) {
        this.#put([{ ...opOf(change), restores: true }, ...stepOps(change, change.steps ?? [])]);
      }
    }
  }

  /**
   * The steps of a deleted todo are known now. The todo may have been restored already.
   * @param {Op} op
   */
  learned(op) {
    if (this.todos.get(op.todo)) this.#put(stepOps(op, op.kept ?? []));
  }

  /** @param {NewOp[]} ops */
  #put(ops) {
    for (const op of ops) this.#awaited.add(op.key), this.send(op);
  }

  /**
   * Whether the key was restored, and the service has not confirmed it. A deletion event is then an
   * old one.
   * @param {string} key
   */
  awaits(key) {
    return this.#awaited.has(key);
  }

  /** @param {string} key */
  forget(key) {
    this.#awaited.delete(key);
  }

  forgetAll() {
    this.#awaited.clear();
  }
}
