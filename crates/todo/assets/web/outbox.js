// What a person has done and the service has not confirmed. It survives a reload, and the service being away.
//
// Each window has its own, under a lock that ends with the window: what a closed one has left, another takes over.
// Whatever is sent may be sent again, so what is kept may be a little behind.

import { Away, Refused, pages, request } from "./api.js";
import { newId } from "./id.js";

const PREFIX = "todo.outbox.";
const OPS_MAX = 20_000;
const AT_ONCE = 6;

export class Outbox {
  #name = PREFIX + newId();
  #ops = [];
  #sending = new Set();
  #wait = 0;
  #timer = 0;
  #storing = 0;
  /** The outboxes of other windows, whose end is waited for. */
  #heirOf = new Set();
  away = false;

  /** `changed()` is called after each change, `confirmed(op, value)` and `refused(op, error)` when an op has ended. */
  constructor({ changed, confirmed, refused }) {
    Object.assign(this, { changed, confirmed, refused });
    navigator.locks?.request(this.#name, () => new Promise(() => {}));
    for (const name of stored()) this.#inherit(name);
    addEventListener("storage", ({ key, newValue }) => newValue && this.#inherit(key));
    addEventListener("online", () => this.retry());
    addEventListener("pagehide", () => this.#leave());
  }

  get size() {
    return this.#ops.length;
  }

  /** Since when the oldest waits that is not held back; `Infinity` if there is none. */
  get since() {
    const now = Date.now();
    return this.#ops.reduce((oldest, { due }) => (due <= now && due < oldest ? due : oldest), Infinity);
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
   * `key` names what it is about: of one key, one op after the other is sent; and none before those of the key that
   * `after` names, if it has one. `hold` is in milliseconds.
   */
  add(op, hold = 0) {
    if (this.#ops.length >= OPS_MAX) return false;
    const last = this.#ops.findLast((other) => other.key === op.key);
    const open = last && (last.method === "PATCH" ? !this.#sending.has(last) : last.method === "PUT" && !last.tried);
    const joins = open && op.method === "PATCH";
    if (joins) Object.assign(last.body, op.body);
    else this.#ops.push({ ...op, due: Date.now() + hold });
    this.#keep(0);
    return true;
  }

  /** Takes back what has not been sent. */
  drop(found) {
    const before = this.#ops.length;
    this.#ops = this.#ops.filter((op) => this.#sending.has(op) || !found(op));
    if (this.#ops.length !== before) this.#keep(0);
    return before - this.#ops.length;
  }

  /** What it is about is gone: nothing of it is sent, nor sent again. */
  forget(key) {
    for (const op of this.#sending) if (op.key === key) op.forgotten = true;
    this.drop((op) => op.key === key && op.method !== "DELETE");
  }

  retry() {
    this.#wait = 0;
    // Nothing that is sent would tell that the service is back.
    if (!this.#ops.length) this.away = false;
    this.#send();
  }

  /** Within so many milliseconds: at the end of a thousand changes once, and not a thousand times. */
  #keep(within) {
    if (within === 0) clearTimeout(this.#storing), (this.#storing = 0);
    this.#storing ||= setTimeout(() => this.#store(), within);
    this.changed();
    this.#send();
  }

  #store() {
    clearTimeout(this.#storing);
    this.#storing = 0;
    try {
      if (this.#ops.length) localStorage.setItem(this.#name, JSON.stringify(this.#ops));
      else localStorage.removeItem(this.#name);
    } catch {
      // Storage is full or forbidden: it is kept as long as the page is.
    }
  }

  #send() {
    clearTimeout(this.#timer);
    const now = Date.now();
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
    op.tried = true;
    let ended = () => {};
    try {
      const { value } = await ask(op);
      this.away = false;
      ended = () => this.confirmed(op, value);
    } catch (error) {
      this.#sending.delete(op);
      if (error instanceof Away) {
        this.#wait = Date.now() + Math.max(error.after, 1500);
        this.away = true;
        if (op.forgotten) (this.#ops = this.#ops.filter((other) => other !== op)), this.#store();
        // The next try is another's: one that always fails does not keep the rest.
        const keys = new Set([op.key]);
        for (const other of this.#ops) if (keys.has(other.after)) keys.add(other.key);
        const bound = (other) => keys.has(other.key);
        this.#ops = [...this.#ops.filter((other) => !bound(other)), ...this.#ops.filter(bound)];
        this.changed();
        return this.#send();
      }
      this.away = false;
      if (!(error instanceof Refused)) throw error;
      ended = () => this.refused(op, error);
    }
    this.#sending.delete(op);
    this.#ops = this.#ops.filter((other) => other !== op);
    ended();
    this.#keep(200);
  }

  /** What was held back is sent while there is time, and kept in any case. */
  #leave() {
    this.#store();
    for (const op of this.#ops) {
      if (op.due > Date.now() && op.method === "DELETE" && !this.#sending.has(op)) {
        fetch(op.path, { method: op.method, keepalive: true }).catch(() => {});
      }
    }
  }

  /** Takes over what is in another window's outbox when that window has ended. */
  #inherit(name) {
    if (!name?.startsWith(PREFIX) || name === this.#name || this.#heirOf.has(name)) return;
    this.#heirOf.add(name);
    const take = () => {
      this.#heirOf.delete(name);
      this.#ops.unshift(...read(name));
      localStorage.removeItem(name);
      this.#keep(0);
    };
    if (navigator.locks) navigator.locks.request(name, take);
    else queueMicrotask(take);
  }
}

/** The answer, or if it was given already and lost, what has become of it. */
async function ask(op) {
  // What goes with it is read first, so that it can be put back.
  if (op.reads) op.kept ??= await all(op.reads);
  try {
    return await request(op.method, op.path, op.body);
  } catch (error) {
    if (error.status !== 412) throw error;
    return request("GET", op.path);
  }
}

async function all(path) {
  const found = [];
  for await (const page of pages(path)) found.push(...page);
  return found;
}

function stored() {
  try {
    return Object.keys(localStorage);
  } catch {
    return []; // Forbidden.
  }
}

function read(name) {
  try {
    const ops = JSON.parse(localStorage.getItem(name));
    return ops.filter((op) => op.key && op.method && op.path);
  } catch {
    return []; // Not ours, or half-written.
  }
}
