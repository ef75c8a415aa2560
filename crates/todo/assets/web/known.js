// The confirmed state of objects in the service, by id. Events arrive in the order of the changes.
// The answer to a request of this window may overtake the events of earlier changes.

import { elapsed } from "./clock.js";

const GONE_MAX = 10_000;
/** How long after an answer the events that it overtook may arrive. */
const AHEAD_MS = 10_000;

export class Known {
  #by = new Map();
  /** The ids of deleted objects. They keep a late answer from bringing an object back. */
  #gone = new Set();
  /** By id: the answer that overtook its events, and the time until which those may arrive. */
  #ahead = new Map();
  /**
   * The calls that arrived while everything was being read; `null` if nothing is being read. They
   * are repeated afterwards.
   */
  #meanwhile = null;

  get(id) {
    return this.#by.get(id);
  }

  has(id) {
    return this.#by.has(id);
  }

  values() {
    return this.#by.values();
  }

  /** Applies an answer to a request of this window. */
  answer(one) {
    this.#meanwhile?.push(() => this.answer(one));
    const known = this.#by.get(one.id);
    if (this.#gone.has(one.id) || (known && isNewer(known, one))) return;
    this.#by.set(one.id, one);
    if (known?.updated_at !== one.updated_at) this.#ahead.set(one.id, { one, until: elapsed() + AHEAD_MS });
  }

  /**
   * Applies an event, whatever its time, because the clock of the service may have been set back.
   * Only events that an answer has overtaken are ignored; then this is `false`.
   */
  put(one) {
    this.#meanwhile?.push(() => this.put(one));
    if (this.#gone.has(one.id)) return false;
    const ahead = this.#ahead.get(one.id);
    if (ahead && elapsed() < ahead.until && isNewer(ahead.one, one)) return false;
    this.#ahead.delete(one.id);
    this.#by.set(one.id, one);
    return true;
  }

  /**
   * Applies an event of a creation. The id may be that of a deleted object, which was created
   * again.
   */
  create(one) {
    this.#meanwhile?.push(() => this.create(one));
    this.#gone.delete(one.id);
    this.put(one);
  }

  /** This window creates the deleted object again, so its id is valid again. */
  revive(id) {
    this.#meanwhile?.push(() => this.revive(id));
    this.#gone.delete(id);
  }

  /** Deletes an object. Returns whether it was known. */
  delete(id) {
    this.#meanwhile?.push(() => this.delete(id));
    if (this.#gone.size >= GONE_MAX) this.#gone.clear();
    this.#gone.add(id);
    this.#ahead.delete(id);
    return this.#by.delete(id);
  }

  /**
   * Removes an object that does not belong here any more, such as a step that moved to another
   * checklist.
   */
  forget(id) {
    this.#meanwhile?.push(() => this.forget(id));
    return this.#by.delete(id);
  }

  /**
   * Begins to read everything. Later events are newer than what is read. Pass the result to
   * `replace`.
   */
  begin() {
    return (this.#meanwhile = []);
  }

  /** Whether no later reading has started since this one. */
  isCurrent(meanwhile) {
    return meanwhile === this.#meanwhile;
  }

  /**
   * Replaces everything with the result of a reading. `false` if a later reading has begun since.
   */
  replace(all, meanwhile) {
    if (!this.isCurrent(meanwhile)) return false;
    this.#by = new Map(all.map((one) => [one.id, one]));
    this.#gone.clear();
    // This answer, too, may have overtaken events.
    const until = elapsed() + AHEAD_MS;
    this.#ahead = new Map(all.map((one) => [one.id, { one, until }]));
    this.#meanwhile = null;
    for (const again of meanwhile) again();
    return true;
  }
}

const isNewer = (one, other) => Date.parse(one.updated_at) > Date.parse(other.updated_at);
