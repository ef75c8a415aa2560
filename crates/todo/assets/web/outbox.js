// The changes that the service has not confirmed yet. They survive a reload, and a time without the
// service.
//
// Each window has its own; what a closed one has left, another takes over. Whatever is sent may be
// sent again, so what is kept may be a little behind. No clock is compared: what is overdue, or of
// unknown age, is sent at once.

/** @import { NewOp, Op, Stored, StoredStep, Values } from "./types" */

import { Away, Refused, pages, request } from "./api.js";
import { elapsed } from "./clock.js";
import { TEXTS, keysOf, pick } from "./fields.js";
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
  /** @param {Values} now */
  constructor(now) {
    super(409, { title: "It was changed in another window meanwhile." });
    this.now = now;
  }
}

export class Outbox {
  /** @type {Op[]} */
  #ops = [];
  /** @type {Set<Op>} */
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
   * `changed()` is called after each change, `confirmed(op, value)` and `refused(op, error)` when
   * an op has ended. `known(key)` is the confirmed state.
   * @param {object} page
   * @param {() => void} page.changed
   * @param {(op: Op, value: unknown) => void} page.confirmed
   * @param {(op: Op, error: Refused) => void} page.refused
   * @param {(key: string) => Stored | undefined} page.known
   */
  constructor({ changed, confirmed, refused, known }) {
    this.changed = changed;
    this.confirmed = confirmed;
    this.refused = refused;
    this.known = known;
    inherit(PREFIX, (/** @type {NewOp[]} */ ops) => this.#take(ops));
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

  /** @param {string} key */
  of(key) {
    return this.#ops.filter((op) => op.key === key);
  }

  byKey() {
    /** @type {Map<string, Op[]>} */
    const found = new Map();
    for (const op of this.#ops) found.set(op.key, [...(found.get(op.key) ?? []), op]);
    return found;
  }

  /**
   * Adds an op. `false` if there are too many already.
   * @param {NewOp} op
   */
  add(op) {
    if (this.#ops.length >= OPS_MAX) return false;
    const last = this.#ops.findLast((other) => other.key === op.key);
    const open = last && last.method !== "DELETE" && !last.tried && !this.#sending.has(last);
    if (open && op.method === "PATCH" && follows(op, last)) {
      if (last.method === "PATCH" && op.base) last.base = { ...op.base, ...last.base };
      last.body = { ...last.body, ...op.body };
    } else this.#ops.push({ ...op, todo: op.todo ?? todoOf(op.key), base: this.#baseOf(op), due: elapsed() });
    this.#keep(0);
    return true;
  }

  /**
   * A deletion applies to the object that is known now. Another window may create it again under
   * the same id.
   * @param {NewOp} op
   */
  #baseOf({ method, key, base }) {
    const born = method === "DELETE" && base && this.known(key)?.created_at;
    return born ? { ...base, created_at: born } : base;
  }

  /**
   * Takes back what has not been sent.
   * @param {(op: Op) => boolean} found
   */
  drop(found) {
    const before = this.#ops.length;
    this.#ops = this.#ops.filter((op) => this.#sending.has(op) || !found(op));
    if (this.#ops.length !== before) this.#keep(0);
    return before - this.#ops.length;
  }

  /**
   * Drops the ops on a deleted object. Those in flight are not sent again. Returns those that were
   * not in flight.
   * @param {(op: Op) => boolean} found
   */
  forget(found) {
    for (const op of this.#sending) if (found(op)) op.forgotten = true;
    const gone = this.#ops.filter((op) => found(op) && !this.#sending.has(op));
    this.drop((op) => gone.includes(op));
    return gone;
  }

  /**
   * Records whether the stream of events is open.
   * @param {boolean} live
   */
  isLive(live) {
    this.#live = live ? elapsed() : Infinity;
  }

  retry() {
    this.#wait = 0;
    // With an empty outbox, no request would show that the service answers again.
    if (!this.#ops.length) this.away = false;
    this.#send();
  }

  /** @param {NewOp[]} ops */
  #take(ops) {
    if (!Array.isArray(ops)) return;
    const now = elapsed();
    const valid = ops.filter((op) => op?.key && op.method && op.path);
    this.#ops.unshift(...valid.map((op) => ({ ...op, todo: op.todo ?? todoOf(op.key), due: now })));
    this.#keep(0);
  }

  /**
   * Within so many milliseconds: at the end of a thousand changes once, and not a thousand times.
   * @param {number} within
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
      const waits = busy.has(op.key) || (op.after !== undefined && busy.has(op.after));
      busy.add(op.key);
      if (waits) continue;
      if (this.#sending.size >= (this.away ? 1 : AT_ONCE)) return;
      const at = Math.max(op.due, this.away ? this.#wait : 0);
      if (at > now) next = Math.min(next, at);
      else this.#sendOne(op);
    }
    if (next < Infinity) this.#timer = setTimeout(() => this.#send(), next - now);
  }

  /** @param {Op} op */
  async #sendOne(op) {
    this.#sending.add(op);
    /** @type {() => void} */
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

  /**
   * Tries the op again later.
   * @param {Op} op @param {Away} away
   */
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
    for (const other of this.#ops) if (other.after && keys.has(other.after)) keys.add(other.key);
    const bound = (/** @type {Op} */ other) => keys.has(other.key);
    this.#ops = [...this.#ops.filter((other) => !bound(other)), ...this.#ops.filter(bound)];
    this.changed();
    this.#send();
  }

  /** @param {Op} op */
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
      const status = error instanceof Refused ? error.status : 0;
      if (op.method === "DELETE" && status === 404) return null;
      if (op.method !== "PUT" || status !== 412) throw error;
      // The answer to an earlier try was lost. This is the present state.
      const { value } = await request("GET", op.path);
      if (op.restores && changedByOthers({ ...op, base: op.body }, value).length) throw new Overwrites(value);
      return value;
    }
  }

  /**
   * The present state of the op's target.
   * @param {Op} op @returns {Promise<Values>}
   */
  async #current(op) {
    const known = this.known(op.key);
    const fresh = op.due > this.#live + CAUGHT_UP_MS && !this.away && !op.tried && elapsed() - op.due < FRESH_MS;
    return known && fresh ? known : (await request("GET", op.path)).value;
  }

  /**
   * Removes fields from an op and refuses them. `false` if no field is left.
   * @param {Op} op @param {(keyof Values)[]} fields @param {Values} now
   */
  #without(op, fields, now) {
    /** @type {{ body?: Values, base?: Values }} */
    const { body = {}, base = {} } = op;
    const overwritten = pick(body, fields);
    for (const field of fields) delete body[field], delete base[field];
    this.refused({ ...op, body: overwritten }, new Overwrites(now));
    return Object.keys(body).length > 0;
  }
}

/**
 * Whether each text of an op was edited from the text of the previous op. Otherwise it would
 * overwrite unseen words.
 * @param {NewOp} op @param {Op} last
 */
function follows({ base, body }, last) {
  return TEXTS.filter((field) => base && field in base).every((field) => {
    const earlier = last.body?.[field];
    return !earlier || same(earlier, base?.[field]) || same(earlier, body?.[field]);
  });
}

/** @param {string} key */
const todoOf = (key) => (key.startsWith("todo:") ? key.slice(5) : "");

/** @param {string} path */
async function all(path) {
  /** @type {StoredStep[]} */
  const found = [];
  for await (const page of pages(path)) found.push(...page);
  return found;
}

/**
 * The texts that differ both from what the op replaces and from what it writes.
 * @param {{ base?: Values, body?: Values }} op @param {Values} now
 */
function changedByOthers({ base = {}, body = {} }, now) {
  const text = (/** @type {Values[keyof Values]} */ value) => String(value ?? "");
  return keysOf(base).filter((field) => {
    const is = now[field] ?? "";
    return typeof is === "string" && !same(is, text(base[field])) && !same(is, text(body[field]));
  });
}
