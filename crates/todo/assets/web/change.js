// A change as data: what was before it and what is after it, so that it can be carried out both ways.
//
// `key` names what changes, as in the outbox. `from` and `to` hold the fields that differ. What is added has no `from`,
// and what is deleted has no `to`; the other side then holds everything. `todo` is the todo of a step, and `steps` are
// those of a deleted todo.

import { quote } from "./dom.js";

const TODO = { notes: null, completed: false };
const STEP = { completed: false };

export function added(key, fields) {
  return { key, title: fields.title, todo: fields.todo_id, from: null, to: { ...(isTodo(key) ? TODO : STEP), ...fields } };
}

export function edited(key, value, fields) {
  const from = Object.fromEntries(Object.keys(fields).map((field) => [field, value[field] ?? null]));
  return { key, title: value.title, todo: value.todo_id, from, to: { ...fields } };
}

export function deleted(key, value) {
  return { key, title: value.title, todo: value.todo_id, from: whole(key, value), to: null };
}

/** What an op of the panel changes. */
export function changeOf({ key, method, body }, value) {
  if (method === "PUT") return added(key, body);
  return method === "DELETE" ? deleted(key, value) : edited(key, value, body);
}

/** The other way round. */
export const inverse = (change) => ({ ...change, from: change.to, to: change.from });

/** What is sent to carry it out. */
export function opOf({ key, from, to }) {
  const path = `/${isTodo(key) ? "todos" : "items"}/${key.slice(5)}`;
  if (!to) return { key, method: "DELETE", path, ...(isTodo(key) && { reads: `${path}/items?limit=1000` }) };
  const method = from ? "PATCH" : "PUT";
  return { key, method, path, body: { ...to }, ...(to.todo_id && { after: `todo:${to.todo_id}` }) };
}

/** What a deleted todo had on its checklist, as it is put again. */
export function stepOps(todo, steps) {
  return steps.map((step) => ({ ...opOf(added(`item:${step.id}`, whole("item:", step))), after: todo, restores: true }));
}

/** Whether something is as a change has left it; `null` is nothing. */
export function agrees(value, side) {
  if (!side || !value) return !side && !value;
  return Object.entries(side).every(([field, was]) => (value[field] ?? null) === (was ?? null));
}

export function describe(changes) {
  const [{ key, title, from, to }] = changes;
  const many = changes.length > 1 && `${changes.length.toLocaleString()} ${isTodo(key) ? "todos" : "steps"}`;
  const what = many || quote(title);
  if (!to) return `Deleted ${what}`;
  if (!from) return `Added ${what}`;
  if ("completed" in to) return `Marked ${what} as ${to.completed ? "done" : "not done"}`;
  if ("title" in to) return `Renamed ${quote(from.title)} to ${quote(to.title)}`;
  return "notes" in to ? `Changed the notes of ${what}` : `Moved ${what}`;
}

function whole(key, { title, notes = null, completed, order, todo_id }) {
  return { title, completed, ...(Number.isFinite(order) && { order }), ...(isTodo(key) ? { notes } : { todo_id }) };
}

const isTodo = (key) => key.startsWith("todo:");
