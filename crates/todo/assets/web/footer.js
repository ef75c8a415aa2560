// The number of open todos, the filter, and the commands for all todos.

import { byId, find } from "./dom.js";

/**
 * `act` has `clear()`, which deletes completed todos, and `mark(completed)`, which marks all todos.
 */
export function footer(act) {
  const root = find(".footer");
  const count = root.querySelector(".todo-count");
  const clear = root.querySelector(".clear-completed");
  const mark = byId("toggle-all");
  const filters = root.querySelectorAll(".filters a");
  let left = 0;
  clear.addEventListener("click", () => act.clear());
  mark.addEventListener("click", () => act.mark(left > 0));

  function show(all, filter) {
    left = all.filter((todo) => !todo.completed).length;
    root.hidden = all.length === 0;
    count.replaceChildren(Object.assign(document.createElement("strong"), { textContent: left.toLocaleString() }), ` ${left === 1 ? "item" : "items"} left`);
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
