// Creates the entries of `parked.js`: words that could not be stored.

/** @import { Entry, Fields, NewOp, StepDraft, Texts, TodoDraft } from "./types" */

import { quote } from "./dom.js";
import { TEXTS, pick } from "./fields.js";

const DELETED = "It was deleted in another window.";
/** @param {Fields} [body] */
const texts = (body) => TEXTS.map((field) => body?.[field]).filter(Boolean);

/**
 * An op without the state of its first try, as it is sent again.
 * @param {NewOp} op @returns {NewOp}
 */
function anew({ key, after, method, path, body, base, todo, about, restores }) {
  return { key, after, method, path, body, base, todo, about, restores };
}

/** @param {{ body?: Fields }} op */
export const hasWords = (op) => texts(op.body).length > 0;

/** @param {NewOp} op */
function nameOf(op) {
  const about = quote(op.about ?? op.body?.title ?? "");
  if (op.key.startsWith("item:")) return `Step of ${about}`;
  if (op.method === "DELETE") return `Deletion of ${about}`;
  if (op.method === "PUT") return "Todo";
  if (op.body?.title && op.body.notes) return `Title and notes of ${about}`;
  if (op.body?.notes) return `Notes of ${about}`;
  return op.body?.title ? `Title of ${about}` : `Change of ${about}`;
}

/**
 * Words that were never sent.
 * @param {NewOp} op @returns {Entry}
 */
export function draft(op) {
  const why = "The window was closed before it was saved.";
  return { what: nameOf(op), words: texts(op.body).join("\n"), why, action: "Save", again: [anew(op)] };
}

/**
 * The service refused the first of these ops; the others depended on it.
 * @param {NewOp[]} ops @param {Error} error @returns {Entry}
 */
export function refusal(ops, error) {
  const words = ops.flatMap((op) => texts(op.body)).join("\n");
  const why = `It was refused: ${error.message}.`.replace("..", ".");
  return { what: nameOf(ops[0]), words, why, action: "Try again", again: ops.map(anew) };
}

/**
 * Others have changed the texts meanwhile. `body` has the texts of this window.
 * @param {Omit<NewOp, "method">} op @param {Fields} now @returns {Entry}
 */
export function conflict(op, now) {
  const body = op.body ?? {};
  const fields = TEXTS.filter((field) => body[field]);
  const mine = pick(body, fields);
  const again = anew({ ...op, method: "PATCH", body: mine, base: pick(now, fields), restores: undefined });
  const words = texts(again.body).join("\n");
  const why = "It was changed in another window at the same time.";
  const theirs = fields.map((field) => now[field] ?? "").join("\n");
  return { what: nameOf(again), words, why, theirs, action: "Use mine", again: [again] };
}

const EMPTY = { notes: null, completed: false };

/**
 * A todo is gone, and with it words of its own or of its checklist. `todo` is how it was; `fields`
 * are the words of the todo itself.
 * @param {TodoDraft} todo @param {Fields} fields @param {StepDraft[]} steps @returns {Entry}
 */
export function deletion(todo, fields, steps = []) {
  const { title, notes, completed } = { ...EMPTY, ...todo, ...fields };
  const key = `todo:${todo.id}`;
  const order = Number.isFinite(todo.order) ? todo.order : undefined;
  const body = { title, notes: notes ?? null, completed, order };
  /** @type {NewOp} */
  const whole = { key, todo: todo.id, method: "PUT", path: `/todos/${todo.id}`, about: title, body, restores: true };
  const again = [whole, ...steps.map((step) => stepAnew(todo.id, title, step))];
  const words = [...texts(fields), ...steps.map((step) => step.title)].join("\n");
  const what = quote(todo.title ?? title ?? "");
  return { what, words, why: DELETED, action: "Restore it with this text", again, gone: todo.id };
}

/**
 * A step was deleted, but not its todo.
 * @param {string} todo @param {string | undefined} about @param {StepDraft} step
 * @returns {Entry}
 */
export function stepDeletion(todo, about, step) {
  const again = [stepAnew(todo, about, step)];
  return { what: `Step of ${quote(about ?? "")}`, words: step.title, why: DELETED, action: "Add it again", again };
}

/**
 * @param {string} todo @param {string | undefined} about @param {StepDraft} step
 * @returns {NewOp}
 */
function stepAnew(todo, about, { id, title, completed = false, order }) {
  const body = { todo_id: todo, title, completed, order: Number.isFinite(order) ? order : undefined };
  const path = `/items/${id}`;
  return { key: `item:${id}`, after: `todo:${todo}`, todo, about, method: "PUT", path, body, restores: true };
}

/**
 * One entry for everything lost with one todo; `null` if both have words for the same field.
 * @param {Entry} old @param {Entry} entry @returns {Entry | null}
 */
export function merged(old, { words, again: [todo, ...steps] }) {
  const [before, ...others] = old.again;
  const [mine, earlier] = [todo.body ?? {}, before.body ?? {}];
  const clash = (/** @type {keyof Texts} */ field) => {
    const [one, other] = [mine[field], earlier[field]];
    return one && other && words.includes(one) && old.words.includes(other) && !one.includes(other);
  };
  if (TEXTS.some(clash)) return null;
  const fields = pick(mine, TEXTS.filter((field) => mine[field] && words.includes(mine[field])));
  const ids = new Set(steps.map((step) => step.key));
  const whole = { ...before, body: { ...earlier, ...fields } };
  const again = [whole, ...others.filter((step) => !ids.has(step.key)), ...steps];
  return { ...old, words: `${old.words}\n${words}`, again };
}
