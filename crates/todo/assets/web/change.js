// A change as a value, with the state before and after it, so that it can be undone and redone.
//
// `key` names the changed object, as in the outbox. `from` and `to` hold the fields that differ. An
// addition has no `from` and a deletion has no `to`; the other side then holds all fields. `todo`
// and `about` are the id and the title of the todo that the object belongs to. `steps` are the
// steps of a deleted todo.

/** @import { Change, Fields, NewOp, Step, StepDraft, Texts, Todo } from "./types" */

import { quote } from "./dom.js";
import { TEXTS, keysOf, pick } from "./fields.js";
import { keyOf } from "./todos.js";

/** @typedef {Required<Pick<NewOp, "key" | "todo" | "about">>} Target */

const EMPTY = { completed: false };

/** @param {string} id @param {Fields & { title: string }} fields @returns {Change} */
export function addedTodo(id, fields) {
  return { ...ofTodo({ id, ...fields }), from: null, to: { notes: null, ...EMPTY, ...fields } };
}

/**
 * `base` has the texts that the person saw when they started editing.
 * @param {Todo} todo @param {Fields} fields @param {Texts} [base] @returns {Change}
 */
export function editedTodo(todo, fields, base) {
  return { ...ofTodo(todo), ...sides(todo, fields, base) };
}

/** @param {Todo} todo @returns {Change} */
export function deletedTodo(todo) {
  const { title, notes = null, completed, order } = todo;
  return { ...ofTodo(todo), from: { title, notes, completed, ...placeOf(order) }, to: null };
}

/** @param {Step} step @param {Todo} todo @returns {Change} */
export function deletedStep(step, todo) {
  const { id, title } = todo;
  return { key: `item:${step.id}`, todo: id, about: title, title: step.title, from: whole(id, step), to: null };
}

/**
 * The change that an op of the panel makes to `step`.
 * @param {Target & Pick<NewOp, "method" | "base"> & { body: Fields }} op
 * @param {Step | null | undefined} step
 * @returns {Change}
 */
export function changeOfStep({ key, todo, about, method, body, base }, step) {
  const of = { key, todo, about, title: step?.title ?? body.title ?? "" };
  if (method === "PUT") return { ...of, from: null, to: { ...EMPTY, ...body } };
  return { ...of, ...sides(step ?? {}, body, base) };
}

/**
 * The change in the opposite direction.
 * @param {Change} change
 */
export const inverse = (change) => ({ ...change, from: change.to, to: change.from });

/**
 * The op that carries out the change.
 * @param {Target & Pick<Change, "from" | "to">} change @returns {NewOp}
 */
export function opOf({ key, todo, about, from, to }) {
  const isTodo = key === keyOf(todo);
  const path = `/${isTodo ? "todos" : "items"}/${key.slice(5)}`;
  const op = { key, todo, about, path, ...(from && { base: textsOf(from) }) };
  if (!to) return { ...op, method: "DELETE", ...(isTodo && { reads: `${path}/items?limit=1000` }) };
  const after = !isTodo && !from && { after: keyOf(todo) };
  return { ...op, method: from ? "PATCH" : "PUT", body: { ...to }, ...after };
}

/**
 * The ops that restore the checklist of a deleted todo.
 * @param {{ todo: string, about?: string }} of @param {StepDraft[]} steps @returns {NewOp[]}
 */
export function stepOps({ todo, about = "" }, steps) {
  return steps.map((step) => {
    const to = whole(todo, step);
    return { ...opOf({ key: `item:${step.id}`, todo, about, from: null, to }), restores: true };
  });
}

/**
 * Whether `now` is as the change left it; `null` means that it does not exist.
 * @param {Fields | null | undefined} value @param {Fields | null} side
 */
export function agrees(value, side) {
  if (!side || !value) return !side && !value;
  return keysOf(side).every((field) => side[field] === undefined || (value[field] ?? null) === side[field]);
}

/** @param {Change[]} changes */
export function describe(changes) {
  const [{ title, from, to }] = changes;
  const what = changes.length > 1 ? `${changes.length.toLocaleString()} todos` : quote(title);
  if (!to) return `Deleted ${what}`;
  if (!from) return `Added ${what}`;
  if ("completed" in to) return `Marked ${what} as ${to.completed ? "done" : "not done"}`;
  if ("title" in to) return `Renamed ${quote(from.title ?? "")} to ${quote(to.title ?? "")}`;
  return "notes" in to ? `Changed the notes of ${what}` : `Moved ${what}`;
}

/** @param {{ id: string, title: string }} todo */
const ofTodo = ({ id, title }) => ({ key: keyOf(id), todo: id, about: title, title });

/** @param {Fields} value @param {Fields} fields @param {Texts} [base] */
function sides(value, fields, base) {
  return { from: pick({ ...value, ...base }, keysOf(fields)), to: { ...fields } };
}

/**
 * The texts that a change of these fields replaces; `undefined` if it changes none.
 * @param {Fields} fields
 */
function textsOf(fields) {
  const texts = TEXTS.filter((field) => field in fields);
  return texts.length ? pick(fields, texts) : undefined;
}

/** @param {number} [order] */
const placeOf = (order) => (Number.isFinite(order) ? { order } : {});

/** @param {string} todo @param {Omit<StepDraft, "id">} step */
function whole(todo, { title, completed = false, order }) {
  return { todo_id: todo, title, completed, ...placeOf(order) };
}
