// The number of open todos, the filter, and the commands for all todos.

/** @import { Todo } from "./types" */

import { byId, el, find } from "./dom.js";

/**
 * `clear` deletes what is done.
 * @param {{ clear: () => void, mark: (completed: boolean) => void }} act
 */
export function footer(act) {
  const root = find(".footer");
  const count = find(".todo-count", root);
  const clear = find(".clear-completed", root);
  const mark = byId("toggle-all");
  const filters = root.querySelectorAll(".filters a");
  let left = 0;
  clear.addEventListener("click", () => act.clear());
  mark.addEventListener("click", () => act.mark(left > 0));

  /** @param {Todo[]} all @param {string} filter */
  function show(all, filter) {
    left = all.filter((todo) => !todo.completed).length;
    root.hidden = all.length === 0;
    count.replaceChildren(el("strong", null, left.toLocaleString()), ` ${left === 1 ? "item" : "items"} left`);
    clear.hidden = left === all.length;
    mark.textContent = left > 0 ? "Mark all done" : "Mark all not done";
    for (const link of filters) {
      const here = link.getAttribute("href") === `#/${filter}`;
      link.classList.toggle("selected", here);
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  return { show };
}
