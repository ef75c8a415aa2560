// The list: a row for each todo, made once and moved where it belongs.

import { arrange, byId } from "./dom.js";
import { row } from "./row.js";

const AT_ONCE = 400;

export function list(act) {
  const root = byId("list");
  const rows = new Map();

  /** Rows of a long list are made in slices, so that the page stays at hand. */
  function show(todos) {
    const shown = new Set(todos.map((todo) => todo.id));
    const edited = [];
    for (const [id, row] of rows) {
      if (shown.has(id)) continue;
      if (row.isEditing()) edited.push([id, row]);
      else rows.delete(id);
    }
    const nodes = [];
    let made = 0;
    for (const todo of todos) {
      const known = rows.get(todo.id);
      if (known) known.update(todo);
      else if (made === AT_ONCE) continue;
      else rows.set(todo.id, row(todo, { ...act, grab })), (made += 1);
      nodes.push(rows.get(todo.id).node);
    }
    for (const [id, row] of edited) stay(id, row, nodes);
    arrange(root, nodes, byId("new-todo"));
    if (made === AT_ONCE) setTimeout(() => show(act.visible()), 0);
  }

  /** Somebody types in a row that is to go: it stays where it is until they have ended that. */
  function stay(id, row, nodes) {
    const todo = act.get(id);
    if (todo) row.update(todo);
    else row.gone();
    let above = row.node.previousElementSibling;
    while (above && !nodes.includes(above)) above = above.previousElementSibling;
    nodes.splice(nodes.indexOf(above) + 1, 0, row.node);
  }

  /** Follows the finger or the mouse until it lets go. */
  function grab(event, node) {
    event.preventDefault();
    node.classList.add("dragged");
    const follow = ({ clientX, clientY }) => {
      const over = document.elementsFromPoint(clientX, clientY).map((one) => one.closest(".todo")).find((one) => one && one !== node);
      const edge = 60;
      if (clientY < edge) scrollBy(0, -12);
      else if (clientY > innerHeight - edge) scrollBy(0, 12);
      if (!over) return;
      const box = over.getBoundingClientRect();
      root.insertBefore(node, clientY < box.top + box.height / 2 ? over : over.nextElementSibling);
    };
    const end = ({ type }) => {
      removeEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, end);
      node.classList.remove("dragged");
      if (type === "pointerup") act.place(node.dataset.id, node.previousElementSibling?.dataset.id, node.nextElementSibling?.dataset.id);
      else show(act.visible());
    };
    // Not on the handle: it moves with its row, and what is moved within a page loses the pointer.
    addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end);
  }

  return { show, holds: (id, words) => Boolean(rows.get(id)?.holds(words)), focus: (id) => rows.get(id)?.title.focus() };
}
