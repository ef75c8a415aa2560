// The changes that the service has not confirmed yet. They survive a reload, and a time without the
// service.
//
// Each window has its own outbox. When a window ends, another one takes over its outbox. Sending an
// op twice is harmless, so the stored outbox may lag a little behind. Wall clocks are never
// compared: an op that another window left is sent at once, whatever its age.

import { Away, Refused, pages, request } from "./api.js";
import { elapsed } from "./clock.js";
import { remove, store } from "./storage.js";
import { inherit, own } from "./window.js";
import { same } from "./words.js";

const PREFIX = "todo.outbox.";
const OPS_MAX = 20_000;
const AT_ONCE = 6;
const WAIT_MS = 1500;
const WAIT_MAX_MS = 60_000;
/** An op relies on the state from the stream for this long after it was due. */
const FRESH_MS = 3000;
/** Events that were missed before the stream opened have arrived after this time. */
const CAUGHT_UP_MS = 2000;

/**
 * The op was not carried out, because it would overwrite another window's text that the person has
 * not seen.
 */
export class Overwrites extends Refused {
  constructor(now) {
    super(409, { title: "It was changed in another window meanwhile." });
    this.now = now;
  }
}

export class Outbox {
  #ops = [];
  #sending = new Set();
  #wait = 0;
  #timer = 0;
  #storing = 0;
  /** Whether the page is being unloaded. Timers do not run any more then. */
  #leaving = false;
  away = false;
  /**
   * When the stream of events opened. Soon after that, `known` is up to date. `Infinity` if the
   * stream is closed.
   */
  #live = Infinity;

  /**
   * Calls `changed()` after each change, and `confirmed(op, value)` or `refused(op, error)` when an
   * op has ended. `known(key)` returns the confirmed state.
   */
  constructor({ changed, confirmed, refused, known }) {
    Object.assign(this, { changed, confirmed, refused, known });
    inherit(PREFIX, (ops) => this.#take(ops));
    addEventListener("online", () => this.retry());
    addEventListener("pagehide", () => ((this.#leaving = true), this.#store()));
    addEventListener("pageshow", () => (this.#leaving = false));
  }

  get size() {
    return this.#ops.length;
  }

  /** When the oldest waiting op was added; `Infinity` if there is none. */
  get since() {
    return this.#ops.reduce((oldest, { due }) => Math.min(oldest, due), Infinity);
  }

  of(key) {
    return this.#ops.filter((op) => op.key === key);
  }

  byKey() {
    const found = new Map();
    for (const op of this.#ops) found.set(op.key, [...(found.get(op.key) ?? []), op]);
    return found;
  }

  /**
   * Adds an op. `false` if the outbox is full.
   *
   * `key` names the target. The ops of one key are sent one after the other, and only after those
   * of the key in `after`, if that is given. `base` has the texts that the op replaces. If the
   * texts differ when the op is sent, it is refused. The list at `reads` is read before the op is
   * sent, and becomes its `kept`.
   */
  add(op) {
    if (this.#ops.length >= OPS_MAX) return false;
    const last = this.#ops.findLast((other) => other.key === op.key);
    const open = last && last.method !== "DELETE" && !last.tried && !this.#sending.has(last);
    if (open && op.method === "PATCH" && follows(op, last)) {
      if (last.method === "PATCH" && op.base) last.base = { ...op.base, ...last.base };
      Object.assign(last.body, op.body);
    } else this.#ops.push({ todo: todoOf(op.key), ...op, base: this.#baseOf(op), due: elapsed() });
    this.#keep(0);
    return true;
  }

  /**
   * Adds the creation time of the target to the base of a deletion. Why: the deletion applies to
   * the object that is known now, but another window may create another one under the same id.
   */
  #baseOf({ method, key, base }) {
    const born = method === "DELETE" && base && this.known(key)?.created_at;
    return born ? { ...base, created_at: born } : base;
  }

  /** Drops ops that are not being sent. Returns how many. */
  drop(found) {
    const before = this.#ops.length;
    this.#ops = this.#ops.filter((op) => this.#sending.has(op) || !found(op));
    if (this.#ops.length !== before) this.#keep(0);
    return before - this.#ops.length;
  }

  /**
   * Drops the ops on a deleted object. Those in flight are not sent again. Returns those that were
   * not in flight.
   */
  forget(found) {
    for (const op of this.#sending) if (found(op)) op.forgotten = true;
    const gone = this.#ops.filter((op) => found(op) && !this.#sending.has(op));
    this.drop((op) => gone.includes(op));
    return gone;
  }

  /** Records whether the stream of events is open. */
  isLive(live) {
    this.#live = live ? elapsed() : Infinity;
  }

  retry() {
    this.#wait = 0;
    // With an empty outbox, no request would show that the service answers again.
    if (!this.#ops.length) this.away = false;
    this.#send();
  }

  #take(ops) {
    if (!Array.isArray(ops)) return;
    const now = elapsed();
    this.#ops.unshift(...ops.filter((op) => op?.key && op.method && op.path).map((op) => ({ todo: todoOf(op.key), ...op, due: now })));
    this.#keep(0);
  }

  /**
   * Stores the outbox within `within` milliseconds. Why with a delay: many confirmations in a row
   * are stored only once.
   */
  #keep(within) {
    if (within === 0) clearTimeout(this.#storing), (this.#storing = 0);
    if (this.#leaving) this.#store();
    else this.#storing ||= setTimeout(() => this.#store(), within);
    this.changed();
    this.#send();
  }

  #store() {
    clearTimeout(this.#storing);
    this.#storing = 0;
    if (this.#ops.length) store(own(PREFIX), this.#ops.map(({ due, ...op }) => op));
    else remove(own(PREFIX));
  }

  #send() {
    clearTimeout(this.#timer);
    const now = elapsed();
    const busy = new Set([...this.#sending].map((op) => op.key));
    let next = Infinity;
    for (const op of this.#ops) {
      const waits = busy.has(op.key) || busy.has(op.after);
      busy.add(op.key);
      if (waits) continue;
      if (this.#sending.size >= (this.away ? 1 : AT_ONCE)) return;
      const at = Math.max(op.due, this.away ? this.#wait : 0);
      if (at > now) next = Math.min(next, at);
      else this.#sendOne(op);
    }
    if (next < Infinity) this.#timer = setTimeout(() => this.#send(), next - now);
  }

  async #sendOne(op) {
    this.#sending.add(op);
    let ended;
    try {
      const value = await this.#carryOut(op);
      ended = () => this.confirmed(op, value);
    } catch (error) {
      this.#sending.delete(op);
      if (error instanceof Away) return this.#later(op, error);
      if (!(error instanceof Refused)) throw error;
      ended = () => this.refused(op, error);
    }
    this.away = false;
    this.#sending.delete(op);
    this.#ops = this.#ops.filter((other) => other !== op);
    ended();
    this.#keep(200);
  }

  /** Tries the op again later. */
  #later(op, { after }) {
    this.#wait = elapsed() + Math.min(Math.max(after, WAIT_MS), WAIT_MAX_MS);
    if (op.forgotten) {
      this.#ops = this.#ops.filter((other) => other !== op);
      this.refused(op, new Refused(404, { title: "It was deleted in another window." }));
      this.#store();
    }
    this.away = this.#ops.length > 0;
    // Other ops are tried first, so that one that always fails does not block the rest.
    const keys = new Set([op.key]);
    for (const other of this.#ops) if (keys.has(other.after)) keys.add(other.key);
    const bound = (other) => keys.has(other.key);
    this.#ops = [...this.#ops.filter((other) => !bound(other)), ...this.#ops.filter(bound)];
    this.changed();
    this.#send();
  }

  async #carryOut(op) {
    try {
      if (op.base) {
        const now = await this.#current(op);
        const others = changedByOthers(op, now);
        if (others.length && op.method === "DELETE") throw new Overwrites(now);
        if (others.length && !this.#without(op, others, now)) return now;
      }
      // Reads what the op will also delete, so that it can be restored.
      if (op.reads) op.kept ??= await all(op.reads);
      op.tried = true;
      return (await request(op.method, op.path, op.body)).value;
    } catch (error) {
      if (op.method === "DELETE" && error.status === 404) return null;
      if (op.method !== "PUT" || error.status !== 412) throw error;
      // The answer to an earlier try was lost. This is the present state.
      const { value } = await request("GET", op.path);
      if (op.restores && changedByOthers({ ...op, base: op.body }, value).length) throw new Overwrites(value);
      return value;
    }
  }

  /** The present state of the op's target. */
  async #current(op) {
    const known = this.known(op.key);
    const fresh = op.due > this.#live + CAUGHT_UP_MS && !this.away && !op.tried && elapsed() - op.due < FRESH_MS;
    return known && fresh ? known : (await request("GET", op.path)).value;
  }

  /** Removes fields from an op and refuses them. `false` if no field is left. */
  #without(op, fields, now) {
    const body = Object.fromEntries(fields.map((field) => [field, op.body[field]]));
    for (const field of fields) delete op.body[field], delete op.base[field];
    this.refused({ ...op, body }, new Overwrites(now));
    return Object.keys(op.body).length > 0;
  }
}

/**
 * Whether each text of an op was edited from the text of the previous op. Otherwise it would
 * overwrite unseen words.
 */
function follows({ base, body }, last) {
  return Object.keys(base ?? {}).every((field) => !last.body[field] || same(last.body[field], base[field]) || same(last.body[field], body[field]));
}

const todoOf = (key) => (key.startsWith("todo:") ? key.slice(5) : undefined);

async function all(path) {
  const found = [];
  for await (const page of pages(path)) found.push(...page);
  return found;
}

/** The texts that differ both from what the op replaces and from what it writes. */
function changedByOthers({ base, body }, now) {
  return Object.keys(base).filter((field) => {
    const is = now[field] ?? "";
    return typeof is === "string" && !same(is, base[field]) && !same(is, body?.[field]);
  });
}
