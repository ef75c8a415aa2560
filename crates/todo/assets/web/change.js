// A change as data: what was before it and what is after it, so that it can be carried out both ways.
//
// `key` names what changes, as in the outbox. `from` and `to` hold the fields that differ. What is added has no `from`,
// and what is deleted has no `to`; the other side then holds everything. `todo` and `about` are the id and the title of the
// todo that it belongs to, `steps` those of a deleted todo.

import { quote } from "./dom.js";
import { TEXTS } from "./recent.js";
import { keyOf } from "./todos.js";

const EMPTY = { completed: false };

export function addedTodo(id, fields) {
  return { ...ofTodo({ id, ...fields }), from: null, to: { notes: null, ...EMPTY, ...fields } };
}

/** `base` has the texts that the person saw when they began to change them. */
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

/** What an op of the panel changes of a step, which is `step` now. */
export function changeOfStep({ key, todo, about, method, body, base }, step) {
  const of = { key, todo, about, title: step?.title ?? body.title };
  return method === "PUT" ? { ...of, from: null, to: { ...EMPTY, ...body } } : { ...of, ...sides(step ?? {}, body, base) };
}

/** The other way round. */
export const inverse = (change) => ({ ...change, from: change.to, to: change.from });

/** What is sent to carry it out. */
export function opOf({ key, todo, about, from, to }) {
  const isTodo = key === keyOf(todo);
  const path = `/${isTodo ? "todos" : "items"}/${key.slice(5)}`;
  const op = { key, todo, about, path, ...(from && { base: textsOf(from) }) };
  if (!to) return { ...op, method: "DELETE", ...(isTodo && { reads: `${path}/items?limit=1000` }) };
  return { ...op, method: from ? "PATCH" : "PUT", body: { ...to }, ...(!isTodo && !from && { after: keyOf(todo) }) };
}

/** What a deleted todo had on its checklist, as it is put again. */
export function stepOps({ todo, about }, steps) {
  return steps.map((step) => ({ ...opOf({ key: `item:${step.id}`, todo, about, from: null, to: whole(todo, step) }), restores: true }));
}

/** Whether something is as a change has left it; `null` is nothing. */
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

/** What a change of these fields replaces; nothing if none is a text. */
function textsOf(fields) {
  const texts = TEXTS.filter((field) => field in fields);
  return texts.length ? Object.fromEntries(texts.map((field) => [field, fields[field]])) : undefined;
}

const placeOf = (order) => (Number.isFinite(order) ? { order } : {});

const whole = (todo, { title, completed = false, order }) => ({ todo_id: todo, title, completed, ...placeOf(order) });
