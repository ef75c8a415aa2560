// This window among others of the same browser. What a window has left in storage when it ends, another takes over.
//
// Each window holds a lock for as long as it lives. Where the browser refuses locks, nobody knows which windows live:
// what is found when the page is opened is taken over then.

import { newId } from "./id.js";
import { names, read, remove } from "./storage.js";

const LOCK = "todo.outbox.";
const id = newId();
/** Whether the others can tell when this window ends. */
let locks = Boolean(navigator.locks);

/** The entry of this window under a prefix. */
export const own = (prefix) => prefix + id;

const forever = () => new Promise(() => {});
lock(id, forever).catch(() => (locks = false));

async function lock(window, held) {
  await navigator.locks.request(LOCK + window, held);
}

/** `take(value)` for each entry under the prefix whose window has ended, as soon as it has. */
export function inherit(prefix, take) {
  const waiting = new Set([own(prefix)]);
  const inheritOne = (name) => {
    if (!name?.startsWith(prefix) || waiting.has(name)) return;
    waiting.add(name);
    let taken = false;
    const takeOnce = () => {
      if (taken) return;
      taken = true;
      waiting.delete(name);
      const value = read(name);
      remove(name);
      if (value) take(value);
    };
    lock(name.slice(prefix.length), takeOnce).catch(takeOnce);
  };
  for (const name of names(prefix)) inheritOne(name);
  addEventListener("storage", ({ key, newValue }) => locks && newValue && inheritOne(key));
}
