// The browser's storage. It may be full, or blocked for this site.

const PROBE = "todo.probe";
/**
 * The names whose last value could not be stored.
 * @type {Set<string>}
 */
const failing = new Set();
let told = () => {};

/**
 * @template T
 * @param {T} otherwise
 * @param {(storage: Storage) => T} act
 */
function attempt(otherwise, act) {
  try {
    return act(localStorage);
  } catch {
    return otherwise;
  }
}

/** @param {string} prefix */
export function names(prefix) {
  const all = attempt([], (storage) => Object.keys(storage));
  return all.filter((name) => name.startsWith(prefix));
}

/**
 * `null` if the value is missing or not ours.
 * @param {string} name
 */
export const read = (name) => attempt(null, (storage) => JSON.parse(storage.getItem(name) ?? "null"));

/**
 * `false` if the value could not be stored.
 * @param {string} name @param {unknown} value
 */
export function store(name, value) {
  const before = keeps();
  const stored = attempt(false, (storage) => (storage.setItem(name, JSON.stringify(value)), true));
  if (!stored) failing.add(name);
  // If this value could be stored, the probe could be, too.
  else for (const one of [name, PROBE]) failing.delete(one);
  if (keeps() !== before) told();
  return stored;
}

/** @param {string} name */
export function remove(name) {
  attempt(undefined, (storage) => storage.removeItem(name));
  // The probe stays in `failing` as long as nothing can be stored.
  if (name !== PROBE && failing.delete(name) && keeps()) told();
}

/**
 * Values of this window only, which survive a reload.
 * @param {string} name @param {unknown} [value]
 */
export function session(name, value) {
  try {
    if (value === undefined) return JSON.parse(sessionStorage.getItem(name) ?? "null");
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

/**
 * Calls `changed()` when the answer of `keeps` changes.
 * @param {() => void} changed
 */
export const whenKept = (changed) => (told = changed);

// Writes once at the start, so that blocked site data is detected before something is lost.
if (store(PROBE, 1)) remove(PROBE);
