// The browser's storage, which may be full, or blocked for this site.

/** Whether the last write failed. */
let failing = false;

function attempt(otherwise, act) {
  try {
    return act(localStorage);
  } catch {
    return otherwise;
  }
}

function write(act) {
  failing = !attempt(false, (storage) => (act(storage), true));
  return !failing;
}

export const names = (prefix) => attempt([], (storage) => Object.keys(storage).filter((name) => name.startsWith(prefix)));

/** `null` if the value is missing or not ours. */
export const read = (name) => attempt(null, (storage) => JSON.parse(storage.getItem(name)));

/** `false` if the value could not be stored. */
export const store = (name, value) => write((storage) => storage.setItem(name, JSON.stringify(value)));

export const remove = (name) => attempt(undefined, (storage) => storage.removeItem(name));

/** Values of this window only, which survive a reload. */
export function session(name, value) {
  try {
    if (value === undefined) return JSON.parse(sessionStorage.getItem(name));
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A failure loses only a safeguard.
  }
  return null;
}

/** Whether stored values survive this page. */
export const keeps = () => !failing;

// Writes once at the start, so that blocked site data is detected before something is lost.
if (store("todo.probe", 1)) remove("todo.probe");
