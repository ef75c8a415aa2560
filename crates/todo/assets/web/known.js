// What the service has said, by id. Events come in the order of the changes; an answer to a request of this window may
// overtake the events of what happened before it.

import { elapsed } from "./clock.js";

const GONE_MAX = 10_000;
/** For so long, events that are older than an answer are expected behind it. */
const AHEAD_MS = 10_000;

export class Known {
  #by = new Map();
  /** What was deleted, so that an answer that was on its way does not bring it back. */
  #gone = new Set();
  /** By id, what has overtaken the events, and until when they are expected. */
  #ahead = new Map();
  /** What came while everything was read. */
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

  /** An answer to a request of this window. */
  answer(one) {
    this.#meanwhile?.push(() => this.answer(one));
    const known = this.#by.get(one.id);
    if (this.#gone.has(one.id) || (known && isNewer(known, one))) return;
    this.#by.set(one.id, one);
    if (known?.updated_at !== one.updated_at) this.#ahead.set(one.id, { one, until: elapsed() + AHEAD_MS });
  }

  /**
   * An event. It counts whatever its time is: the clock of the service may have been set back. Only the events before an
   * answer that came first do not. `false` if it does not count.
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

  /** It was made just now: perhaps again, under the id of one that is gone. */
  create(one) {
    this.#meanwhile?.push(() => this.create(one));
    this.#gone.delete(one.id);
    this.put(one);
  }

  /** This window makes it anew. */
  revive(id) {
    this.#meanwhile?.push(() => this.revive(id));
    this.#gone.delete(id);
  }

  /** Whether it was there. */
  delete(id) {
    this.#meanwhile?.push(() => this.delete(id));
    if (this.#gone.size >= GONE_MAX) this.#gone.clear();
    this.#gone.add(id);
    this.#ahead.delete(id);
    return this.#by.delete(id);
  }

  /** It is not of interest any more. */
  forget(id) {
    this.#meanwhile?.push(() => this.forget(id));
    return this.#by.delete(id);
  }

  /** Reading everything begins; what comes from now on is newer. The answer goes to `replace`. */
  begin() {
    return (this.#meanwhile = []);
  }

  /** Whether reading that began so has not begun anew since. */
  isCurrent(meanwhile) {
    return meanwhile === this.#meanwhile;
  }

  /** This is all there was when reading began; `false` if it has begun anew since. */
  replace(all, meanwhile) {
    if (!this.isCurrent(meanwhile)) return false;
    this.#by = new Map(all.map((one) => [one.id, one]));
    this.#gone.clear();
    // It overtakes events as an answer does.
    const until = elapsed() + AHEAD_MS;
    this.#ahead = new Map(all.map((one) => [one.id, { one, until }]));
    this.#meanwhile = null;
    for (const again of meanwhile) again();
    return true;
  }
}

const isNewer = (one, other) => Date.parse(one.updated_at) > Date.parse(other.updated_at);
