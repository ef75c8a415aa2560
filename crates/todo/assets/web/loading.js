// Reads all todos: at the start, and whenever the stream of events begins with `reset`.

/** @import { Todos } from "./todos.js" */

import { byId, find, text } from "./dom.js";

const RETRY_MS = 2000;
const FAILED = "The todos can't be loaded: the service does not answer. Trying again…";

/**
 * `read()` reads everything; `changed()` is called afterwards. Returns the function that reads
 * again.
 * @param {Todos} todos
 * @param {() => void} changed
 */
export function loading(todos, changed) {
  const root = byId("loading");
  let timer = 0;
  let reading = 0;

  async function read() {
    clearTimeout(timer);
    const mine = (reading += 1);
    try {
      await todos.read(changed);
    } catch {
      if (mine !== reading) return;
      root.classList.add("failed");
      text(find("p", root), FAILED);
      find("button", root).hidden = false;
      timer = setTimeout(read, RETRY_MS);
    }
    root.hidden = todos.loaded;
  }

  find("button", root).addEventListener("click", read);
  return read;
}
