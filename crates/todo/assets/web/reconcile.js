// What the service says: its answers to the ops of this window, and the events of all windows.

/** @import { Outbox } from "./outbox.js" */
/** @import { panel } from "./panel.js" */
/** @import { parking } from "./parking.js" */
/** @import { Recent } from "./recent.js" */
/** @import { Restorer } from "./restore.js" */
/** @import { Todos } from "./todos.js" */
/** @import { Events, Op, StoredStep, StoredTodo, Told } from "./types" */
/** @import { Undo } from "./undo.js" */

import { Refused, request } from "./api.js";
import { keyOf } from "./todos.js";

/**
 * @param {object} page
 * @param {Todos} page.todos
 * @param {Outbox} page.outbox
 * @param {ReturnType<typeof panel>} page.details
 * @param {Recent} page.recent
 * @param {ReturnType<typeof parking>} page.rescue
 * @param {Restorer} page.restorer
 * @param {Undo} page.undo
 * @param {() => void} page.load Reads all todos.
 */
export function reconciler({ todos, outbox, details, recent, rescue, restorer, undo, load }) {
  let lost = false;

  /** @param {string} key */
  function known(key) {
    const [kind, id] = key.split(":");
    return kind === "todo" ? todos.known(id) : details.known(id);
  }

  /** @param {string} key */
  function revive(key) {
    todos.revive(key.slice(5));
    details.revive(key.slice(5));
  }

  /** @param {string} key */
  const deletes = (key) => outbox.of(key).some((op) => op.method === "DELETE");

  /** @param {Op} op @param {unknown} value */
  function confirmed(op, value) {
    const [kind, id] = op.key.split(":");
    if (op.method === "DELETE") return deleted(op, kind, id);
    // The op was carried out, and right after that another window deleted the todo.
    if (op.forgotten) return rescue.refused(op, new Refused(404, {}));
    recent.wrote(op);
    if (restorer.awaits(op.key)) revive(op.key);
    if (kind === "todo") todos.answer(/** @type {StoredTodo} */ (value));
    else details.answer(/** @type {StoredStep} */ (value));
    // The event of another window's change may have arrived before this answer.
    const now = known(op.key);
    if (now) rescue.changed(op.key, now, op.todo);
  }

  /**
   * This window has deleted the todo, so nobody else has removed its words.
   * @param {Op} op
   * @param {string} kind
   * @param {string} id
   */
  function deleted(op, kind, id) {
    const now = known(op.key);
    const anew = op.base?.created_at && now && now.created_at !== op.base.created_at;
    if (anew) return;
    if (kind === "item") return recent.take(op.key), details.delete(id);
    recent.takeOf(id);
    todos.delete(id);
    undo.learned(op.key, op.kept ?? []);
    restorer.learned(op);
  }

  /** @param {Op} op @param {Refused} error */
  function refused(op, error) {
    restorer.forget(op.key);
    if (error.status === 404 && op.key.startsWith("todo:")) todoDeleted(op.todo, false);
    if (!details.refused(op, error)) rescue.refused(op, error);
  }

  /** @param {string} id @param {boolean} byMe */
  function todoDeleted(id, byMe) {
    const todo = todos.get(id) ?? todos.known(id);
    if (todo && !byMe) details.deleted(todo);
    rescue.deleted(todo ?? { id }, byMe);
    todos.delete(id);
  }

  /** @param {string} id @param {string} todo */
  function stepDeleted(id, todo) {
    rescue.stepDeleted(id, todo, deletes(`item:${id}`));
    details.delete(id);
  }

  /** Everything was read again, so the events in between were missed. */
  async function checkRecent() {
    restorer.forgetAll();
    for (const { key, todo } of todos.loaded ? recent.all() : []) {
      const now = todos.known(todo);
      if (!now) todoDeleted(todo, false);
      else if (key.startsWith("todo:")) rescue.changed(key, now, todo);
      else await checkStep(key.slice(5), todo);
    }
  }

  /** @param {string} id @param {string} todo */
  async function checkStep(id, todo) {
    try {
      const { value } = await request("GET", `/items/${id}`);
      rescue.changed(`item:${id}`, value, todo);
    } catch (error) {
      // While the service is away, nothing is known. The list is read again when it is back.
      if (error instanceof Refused && error.status === 404) rescue.stepDeleted(id, todo, false);
    }
  }

  /** @type {{ [Name in keyof Events]: (data: Events[Name]) => void }} */
  const told = {
    open() {
      lost = false;
      outbox.isLive(true);
      outbox.retry();
      details.read();
    },
    lost() {
      lost = true;
      outbox.isLive(false);
    },
    reset() {
      load();
      details.read();
    },
    "todo.created"(todo) {
      restorer.forget(keyOf(todo.id));
      todos.create(todo);
    },
    "todo.changed"(todo) {
      if (todos.put(todo)) rescue.changed(keyOf(todo.id), todo, todo.id);
    },
    "todo.deleted"({ id }) {
      if (!restorer.awaits(keyOf(id))) todoDeleted(id, deletes(keyOf(id)));
    },
    "item.created"(step) {
      restorer.forget(`item:${step.id}`);
      details.create(step);
    },
    "item.changed"(step) {
      details.put(step);
      rescue.changed(`item:${step.id}`, step, step.todo_id);
    },
    "item.deleted"({ id, todo_id }) {
      if (!restorer.awaits(`item:${id}`)) stepDeleted(id, todo_id);
    },
  };

  /** @type {Told} */
  const tell = (name, data) => told[name](data);

  return {
    known,
    revive,
    deletes,
    confirmed,
    refused,
    checkRecent,
    tell,
    /** Whether the stream of events is closed. */
    get lost() {
      return lost;
    },
  };
}
