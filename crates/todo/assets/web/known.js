// The confirmed state of objects in the service, by id. Events arrive in the order of the changes.
// The answer to a request of this window may overtake the events of earlier changes.

/** @import { Stored } from "./types" */

import { elapsed } from "./clock.js";

const GONE_MAX = 10_000;
/** How long after an answer the events that it overtook may arrive. */
const AHEAD_MS = 10_000;

/** @template {Stored} T */
export class Known {
  /** @type {Map<string, T>} */
  #by = new Map();
  /**
   * What was deleted, so that an answer that was on its way does not bring it back.
   * @type {Set<string>}
   */
  #gone = new Set();
  /**
   * By id: the answer that overtook its events, and until when those may arrive.
   * @type {Map<string, { one: T, until: number }>}
   */
  #ahead = new Map();
  /**
   * What came while everything was read.
   * @type {(() => void)[] | null}
   */
  #meanwhile = null;

  /** @param {string} id */
  get(id) {
    return this.#by.get(id);
  }

  /** @param {string} id */
  has(id) {
    return this.#by.has(id);
  }

  values() {
    return this.#by.values();
  }

  /**
   * Applies an answer to a request of this window.
   * @param {T} one
   */
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
   * @param {T} one
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
   * It was made just now: perhaps again, under the id of one that is gone.
   * @param {T} one
   */
  create(one) {
    this.#meanwhile?.push(() => this.create(one));
    this.#gone.delete(one.id);
    this.put(one);
  }

  /**
   * This window creates it again.
   * @param {string} id
   */
  revive(id) {
    this.#meanwhile?.push(() => this.revive(id));
    this.#gone.delete(id);
  }

  /**
   * Whether it was there.
   * @param {string} id
   */
  delete(id) {
    this.#meanwhile?.push(() => this.delete(id));
    if (this.#gone.size >= GONE_MAX) this.#gone.clear();
    this.#gone.add(id);
    this.#ahead.delete(id);
    return this.#by.delete(id);
  }

  /**
   * It is not of interest any more.
   * @param {string} id
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
    /** @type {(() => void)[]} */
    const meanwhile = [];
    this.#meanwhile = meanwhile;
    return meanwhile;
  }

  /**
   * Whether no later reading has started since this one.
   * @param {(() => void)[]} meanwhile
   */
  isCurrent(meanwhile) {
    return meanwhile === this.#meanwhile;
  }

  /**
   * This is all there was when reading began; `false` if it has begun anew since.
   * @param {T[]} all @param {(() => void)[]} meanwhile
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

/** @param {Stored} one @param {Stored} other */
const isNewer = (one, other) => Date.parse(one.updated_at) > Date.parse(other.updated_at);
