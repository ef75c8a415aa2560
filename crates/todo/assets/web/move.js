// Moving a todo among the others.

/** @import { Todos } from "./todos.js" */
/** @import { Change, Todo } from "./types" */

import { editedTodo } from "./change.js";
import { isolate, quote, say } from "./dom.js";
import { between, makeRoom } from "./order.js";

/**
 * @param {object} page
 * @param {Todos} page.todos
 * @param {() => Todo[]} page.visible
 * @param {(changes: Change[], how?: { words: string }) => void} page.act
 * @param {() => void} page.draw
 */
export function mover({ todos, visible, act, draw }) {
  /** @param {Todo} todo @param {number} by */
  function move(todo, by) {
    const shown = visible();
    const from = shown.findIndex((other) => other.id === todo.id);
    const to = from + by;
    if (to < 0 || to >= shown.length) return say(by < 0 ? "It is the first." : "It is the last.");
    const [above, below] = by < 0 ? [shown[to - 1], shown[to]] : [shown[to], shown[to + 1]];
    place(todo.id, above?.id, below?.id);
    say(`${isolate(todo.title)}: ${to + 1} of ${shown.length}`);
  }

  /**
   * The order between two todos, either of which may be missing.
   * @param {string} id @param {string} [above] @param {string} [below]
   */
  function place(id, above, below) {
    const todo = todos.get(id);
    // The service has not chosen the order of a neighbour yet, so no order can be computed.
    if (!todo || [above, below].some((other) => other && !Number.isFinite(todos.get(other)?.order))) return draw();
    const order = between(above ? todos.get(above) : null, below ? todos.get(below) : null);
    const moved = (/** @type {Todo} */ one, /** @type {number} */ order) => editedTodo(one, { order });
    if (order !== null) return void act([moved(todo, order)]);
    // No number fits between the two, so the todos around them get new orders.
    const all = todos.all().filter((other) => other.id !== id);
    const at = all.findIndex((other) => other.id === above) + 1;
    all.splice(at, 0, todo);
    act(makeRoom(all, at).map(([other, order]) => moved(other, order)), { words: `Moved ${quote(todo.title)}` });
  }

  return { move, place };
}
