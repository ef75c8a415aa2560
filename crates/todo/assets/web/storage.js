// The browser's storage. It may be full, or blocked for this site.

const PROBE = "todo.probe";
/** The names whose last value could not be stored. */
const failing = new Set();
let told = () => {};

function attempt(otherwise, act) {
  try {
    return act(localStorage);
  } catch {
    return otherwise;
  }
}

export const names = (prefix) => attempt([], (storage) => Object.keys(storage).filter((name) => name.startsWith(prefix)));

/** The stored value; `null` if it is missing or is not JSON. */
export const read = (name) => attempt(null, (storage) => JSON.parse(storage.getItem(name)));

/** Stores a value. `false` if it could not be stored. */
export function store(name, value) {
  const before = keeps();
  const stored = attempt(false, (storage) => (storage.setItem(name, JSON.stringify(value)), true));
  if (!stored) failing.add(name);
  // If this value could be stored, the probe could be, too.
  else for (const one of [name, PROBE]) failing.delete(one);
  if (keeps() !== before) told();
  return stored;
}

export function remove(name) {
  attempt(undefined, (storage) => storage.removeItem(name));
  // The probe stays in `failing` as long as nothing can be stored.
  if (name !== PROBE && failing.delete(name) && keeps()) told();
}

/** Reads or stores a value of this window only. It survives a reload. */
export function session(name, value) {
  try {
    if (value === undefined) return JSON.parse(sessionStorage.getItem(name));
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Only safeguards are stored here, so a failure is ignored.
  }
  return null;
}

/** Whether stored values survive this page. */
export function keeps() {
  return failing.size === 0;
}

/** Calls `changed()` when the answer of `keeps` changes. */
export const whenKept = (changed) => (told = changed);

// Writes once at the start, so that blocked site data is detected before something is lost.
if (store(PROBE, 1)) remove(PROBE);
