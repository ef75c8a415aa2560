// This window among the windows of the same browser. When a window ends, another one takes over
// what it left in storage.
//
// Each window holds a lock for as long as it is open. If the browser does not offer locks, a window
// cannot tell which others are open. Then a page takes over everything that it finds when it opens.

import { elapsed } from "./clock.js";
import { newId } from "./id.js";
import { names, read, remove, session } from "./storage.js";

const LOCK = "todo.outbox.";
const id = newId();
const ID = "todo.window";
/** The id of the previous page in the same tab, before a reload or after a navigation. */
const predecessor = session(ID);
session(ID, id);
/**
 * A page that ends later than this is not the predecessor. Why: a duplicated tab has the same
 * predecessor as its original, but that page is still open.
 */
const FOLLOW_MS = 5000;
const began = elapsed();
/** @param {string} window */
const follows = (window) => window === predecessor && elapsed() - began < FOLLOW_MS;
/** Whether windows can tell when another one ends. */
let locks = Boolean(navigator.locks);

/**
 * The storage key of this window under a prefix.
 * @param {string} prefix
 */
export const own = (prefix) => prefix + id;

const forever = () => new Promise(() => {});
lock(id, forever).catch(() => (locks = false));

/** @param {string} window @param {() => unknown} held */
async function lock(window, held) {
  await navigator.locks.request(LOCK + window, held);
}

/**
 * Calls `take(value, follows)` for each entry under the prefix as soon as the entry's window has
 * ended. `follows` if this page follows that one in the same tab.
 * @template T
 * @param {string} prefix
 * @param {(value: T, follows: boolean) => void} take
 */
export function inherit(prefix, take) {
  const waiting = new Set([own(prefix)]);
  const inheritOne = (/** @type {string | null} */ name) => {
    if (!name?.startsWith(prefix) || waiting.has(name)) return;
    waiting.add(name);
    let taken = false;
    const takeOnce = () => {
      if (taken) return;
      taken = true;
      waiting.delete(name);
      const value = read(name);
      remove(name);
      if (value) take(value, follows(name.slice(prefix.length)));
    };
    lock(name.slice(prefix.length), takeOnce).catch(takeOnce);
  };
  for (const name of names(prefix)) inheritOne(name);
  addEventListener("storage", ({ key, newValue }) => locks && newValue && inheritOne(key));
}
