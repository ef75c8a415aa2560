// The list: one row for each todo. A row is created once, and moved to its place.

/** @import { ListActs, Todo } from "./types" */

import { arrange, byId } from "./dom.js";
import { dragging } from "./drag.js";
import { row } from "./row.js";

const AT_ONCE = 400;

/** @typedef {ReturnType<typeof row>} Row */

/** @param {ListActs} act */
export function list(act) {
  const root = byId("list");
  /** @type {Map<string, Row>} */
  const rows = new Map();
  const drag = dragging(root, { drop: act.place, redraw: () => show(act.visible()) });

  /**
   * Rows of a long list are made in slices, so that the page stays at hand.
   * @param {Todo[]} todos
   */
  function show(todos) {
    const ids = new Set(todos.map((todo) => todo.id));
    /** @type {[id: string, row: Row][]} */
    const edited = [];
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      if (row.isEditing()) edited.push([id, row]);
      else rows.delete(id);
    }
    const nodes = [];
    let made = 0;
    for (const todo of todos) {
      let shown = rows.get(todo.id);
      if (shown) shown.update(todo);
      else if (made === AT_ONCE) continue;
      else {
        shown = row(todo, { ...act, grab: drag.grab });
        rows.set(todo.id, shown);
        made += 1;
      }
      nodes.push(shown.node);
    }
    for (const [id, row] of edited) stay(id, row, nodes);
    arrange(root, drag.hold(nodes), byId("new-todo"));
    if (made === AT_ONCE) setTimeout(() => show(act.visible()), 0);
  }

  /**
   * Somebody types in a row that must go, so it stays until they have finished.
   * @param {string} id @param {Row} row @param {Element[]} nodes
   */
  function stay(id, row, nodes) {
    const todo = act.get(id);
    if (todo) row.update(todo);
    else row.gone();
    let above = row.node.previousElementSibling;
    while (above && !nodes.includes(above)) above = above.previousElementSibling;
    nodes.splice(above ? nodes.indexOf(above) + 1 : 0, 0, row.node);
  }

  /** @param {string} id */
  function isInSight(id) {
    const box = rows.get(id)?.node.getBoundingClientRect();
    return box !== undefined && box.top >= 0 && box.bottom <= innerHeight;
  }

  return {
    show,
    focus: (/** @type {string} */ id) => rows.get(id)?.title.focus(),
    /** @param {string} id @param {string} words */
    holds: (id, words) => Boolean(rows.get(id)?.holds(words)),
    isInSight,
    /** @param {string} id */
    reveal(id) {
      if (!isInSight(id)) rows.get(id)?.node.scrollIntoView({ block: "center" });
      rows.get(id)?.title.focus({ preventScroll: true });
    },
  };
}
