// Reads all todos: at the start, and whenever the stream of events begins with `reset`.

import { byId, text } from "./dom.js";

const RETRY_MS = 2000;
const FAILED = "The todos can't be loaded: the service does not answer. Trying again…";

/**
 * Returns the function that reads all todos. It calls `changed()` after each page that is shown,
 * and retries if the service does not answer.
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
      text(root.querySelector("p"), FAILED);
      root.querySelector("button").hidden = false;
      timer = setTimeout(read, RETRY_MS);
    }
    root.hidden = todos.loaded;
  }

  root.querySelector("button").addEventListener("click", read);
  return read;
}
