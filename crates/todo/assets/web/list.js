// The list: one row for each todo. A row is created once, and moved to its place.

import { arrange, byId } from "./dom.js";
import { dragging } from "./drag.js";
import { row } from "./row.js";

const AT_ONCE = 400;

export function list(act) {
  const root = byId("list");
  const rows = new Map();
  const drag = dragging(root, { drop: act.place, redraw: () => show(act.visible()) });

  /**
   * Shows these todos. The rows of a long list are created in slices, so that the page stays
   * responsive.
   */
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
      else rows.set(todo.id, row(todo, { ...act, grab: drag.grab })), (made += 1);
      nodes.push(rows.get(todo.id).node);
    }
    for (const [id, row] of edited) stay(id, row, nodes);
    arrange(root, drag.hold(nodes), byId("new-todo"));
    if (made === AT_ONCE) setTimeout(() => show(act.visible()), 0);
  }

  /**
   * Keeps a row that no longer belongs to the list, because a person is typing in it, until they
   * have finished.
   */
  function stay(id, row, nodes) {
    const todo = act.get(id);
    if (todo) row.update(todo);
    else row.gone();
    let above = row.node.previousElementSibling;
    while (above && !nodes.includes(above)) above = above.previousElementSibling;
    nodes.splice(nodes.indexOf(above) + 1, 0, row.node);
  }

  function isInSight(id) {
    const box = rows.get(id)?.node.getBoundingClientRect();
    return Boolean(box) && box.top >= 0 && box.bottom <= innerHeight;
  }

  return {
    show,
    focus: (id) => rows.get(id)?.title.focus(),
    holds: (id, words) => Boolean(rows.get(id)?.holds(words)),
    isInSight,
    reveal(id) {
      if (!isInSight(id)) rows.get(id)?.node.scrollIntoView({ block: "center" });
      rows.get(id)?.title.focus({ preventScroll: true });
    },
  };
}
