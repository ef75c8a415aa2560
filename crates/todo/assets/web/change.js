// A change as a value, with the state before and after it, so that it can be undone and redone.
//
// `key` names the changed object, as in the outbox. `from` and `to` hold the fields that differ. An
// addition has no `from` and a deletion has no `to`; the other side then holds all fields. `todo`
// and `about` are the id and the title of the todo that the object belongs to. `steps` are the
// steps of a deleted todo.

import { quote } from "./dom.js";
import { TEXTS } from "./recent.js";
import { keyOf } from "./todos.js";

const EMPTY = { completed: false };

export function addedTodo(id, fields) {
  return { ...ofTodo({ id, ...fields }), from: null, to: { notes: null, ...EMPTY, ...fields } };
}

/** `base` has the texts that the person saw when they started editing. */
export function editedTodo(todo, fields, base) {
  return { ...ofTodo(todo), ...sides(todo, fields, base) };
}

export function deletedTodo(todo) {
  const { title, notes = null, completed, order } = todo;
  return { ...ofTodo(todo), from: { title, notes, completed, ...placeOf(order) }, to: null };
}

export function deletedStep(step, todo) {
  return { key: `item:${step.id}`, todo: todo.id, about: todo.title, title: step.title, from: whole(todo.id, step), to: null };
}

/** The change that an op of the panel makes to `step`. */
export function changeOfStep({ key, todo, about, method, body, base }, step) {
  const of = { key, todo, about, title: step?.title ?? body.title };
  return method === "PUT" ? { ...of, from: null, to: { ...EMPTY, ...body } } : { ...of, ...sides(step ?? {}, body, base) };
}

/** The change in the opposite direction. */
export const inverse = (change) => ({ ...change, from: change.to, to: change.from });

/** The op that carries out the change. */
export function opOf({ key, todo, about, from, to }) {
  const isTodo = key === keyOf(todo);
  const path = `/${isTodo ? "todos" : "items"}/${key.slice(5)}`;
  const op = { key, todo, about, path, ...(from && { base: textsOf(from) }) };
  if (!to) return { ...op, method: "DELETE", ...(isTodo && { reads: `${path}/items?limit=1000` }) };
  return { ...op, method: from ? "PATCH" : "PUT", body: { ...to }, ...(!isTodo && !from && { after: keyOf(todo) }) };
}

/** The ops that restore the checklist of a deleted todo. */
export function stepOps({ todo, about }, steps) {
  return steps.map((step) => ({ ...opOf({ key: `item:${step.id}`, todo, about, from: null, to: whole(todo, step) }), restores: true }));
}

/** Whether `value` has the fields of `side`. `null` stands for an object that does not exist. */
export function agrees(value, side) {
  if (!side || !value) return !side && !value;
  return Object.entries(side).every(([field, was]) => was === undefined || (value[field] ?? null) === was);
}

export function describe(changes) {
  const [{ title, from, to }] = changes;
  const what = changes.length > 1 ? `${changes.length.toLocaleString()} todos` : quote(title);
  if (!to) return `Deleted ${what}`;
  if (!from) return `Added ${what}`;
  if ("completed" in to) return `Marked ${what} as ${to.completed ? "done" : "not done"}`;
  if ("title" in to) return `Renamed ${quote(from.title)} to ${quote(to.title)}`;
  return "notes" in to ? `Changed the notes of ${what}` : `Moved ${what}`;
}

const ofTodo = ({ id, title }) => ({ key: keyOf(id), todo: id, about: title, title });

const sides = (value, fields, base) => ({ from: Object.fromEntries(Object.keys(fields).map((field) => [field, { ...value, ...base }[field] ?? null])), to: { ...fields } });

/** The texts that a change of these fields replaces; `undefined` if it changes none. */
function textsOf(fields) {
  const texts = TEXTS.filter((field) => field in fields);
  return texts.length ? Object.fromEntries(texts.map((field) => [field, fields[field]])) : undefined;
}

const placeOf = (order) => (Number.isFinite(order) ? { order } : {});

const whole = (todo, { title, completed = false, order }) => ({ todo_id: todo, title, completed, ...placeOf(order) });
