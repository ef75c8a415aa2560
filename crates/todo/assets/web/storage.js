// The storage of the browser, which may be full, or forbidden for this site.

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

/** `null` if it is missing, or not ours. */
export const read = (name) => attempt(null, (storage) => JSON.parse(storage.getItem(name)));

/** `false` if it is not stored. */
export const store = (name, value) => write((storage) => storage.setItem(name, JSON.stringify(value)));

export const remove = (name) => attempt(undefined, (storage) => storage.removeItem(name));

/** What only this window has, and has again after a reload. */
export function session(name, value) {
  try {
    if (value === undefined) return JSON.parse(sessionStorage.getItem(name));
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // It is only a safeguard.
  }
  return null;
}

/** Whether what is stored survives this page. */
export const keeps = () => !failing;

// A site whose data is blocked is known at once, and not only when something is lost.
if (store("todo.probe", 1)) remove("todo.probe");
