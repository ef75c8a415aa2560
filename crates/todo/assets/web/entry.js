// Creates the entries of `parked.js`: words that could not be stored.

import { quote } from "./dom.js";
import { TEXTS } from "./recent.js";

const DELETED = "It was deleted in another window.";
const texts = (body) => TEXTS.map((field) => body?.[field]).filter(Boolean);

/** A copy of an op without the state of its first try, to be sent again. */
const anew = ({ key, after, method, path, body, base, todo, about, restores }) => ({ key, after, method, path, body, base, todo, about, restores });

export const hasWords = (op) => texts(op.body).length > 0;

function nameOf(op) {
  const about = quote(op.about ?? op.body?.title ?? "");
  if (op.key.startsWith("item:")) return `Step of ${about}`;
  if (op.method === "DELETE") return `Deletion of ${about}`;
  if (op.method === "PUT") return "Todo";
  if (op.body?.title && op.body.notes) return `Title and notes of ${about}`;
  if (op.body?.notes) return `Notes of ${about}`;
  return op.body?.title ? `Title of ${about}` : `Change of ${about}`;
}

/** An entry for words that were never sent. */
export function draft(op) {
  return { what: nameOf(op), words: texts(op.body).join("\n"), why: "The window was closed before it was saved.", action: "Save", again: [anew(op)] };
}

/** An entry for ops of which the service refused the first. The others depended on it. */
export function refusal(ops, error) {
  const words = ops.flatMap((op) => texts(op.body)).join("\n");
  return { what: nameOf(ops[0]), words, why: `It was refused: ${error.message}.`.replace("..", "."), action: "Try again", again: ops.map(anew) };
}

/**
 * An entry for texts that another window changed meanwhile. `op.body` has the texts of this window;
 * `now` has theirs.
 */
export function conflict(op, now) {
  const fields = TEXTS.filter((field) => op.body?.[field]);
  const pick = (from) => Object.fromEntries(fields.map((field) => [field, from[field] ?? null]));
  const again = { ...anew(op), method: "PATCH", restores: undefined, body: pick(op.body), base: pick(now) };
  const theirs = fields.map((field) => now[field] ?? "").join("\n");
  return { what: nameOf(again), words: texts(again.body).join("\n"), why: "It was changed in another window at the same time.", theirs, action: "Use mine", again: [again] };
}

const EMPTY = { notes: null, completed: false };

/**
 * An entry for the words of a todo that was deleted. `todo` is its last state. `fields` are the
 * words of the todo itself. `steps` are the words of its checklist, each with `id`, `title` and
 * perhaps `completed`.
 */
export function deletion(todo, fields, steps = []) {
  const { title, notes, completed } = { ...EMPTY, ...todo, ...fields };
  const key = `todo:${todo.id}`;
  const order = Number.isFinite(todo.order) ? todo.order : undefined;
  const again = [{ key, todo: todo.id, method: "PUT", path: `/todos/${todo.id}`, about: title, body: { title, notes: notes ?? null, completed, order }, restores: true }];
  for (const step of steps) again.push(stepAnew(todo.id, title, step));
  const words = [...texts(fields), ...steps.map((step) => step.title)].join("\n");
  return { what: quote(todo.title ?? title), words, why: DELETED, action: "Restore it with this text", again, gone: todo.id };
}

/** An entry for a step that was deleted, but not its todo. */
export function stepDeletion(todo, about, step) {
  const again = [stepAnew(todo, about, step)];
  return { what: `Step of ${quote(about ?? "")}`, words: step.title, why: DELETED, action: "Add it again", again };
}

function stepAnew(todo, about, { id, title, completed = false, order }) {
  const body = { todo_id: todo, title, completed, order: Number.isFinite(order) ? order : undefined };
  return { key: `item:${id}`, after: `todo:${todo}`, todo, about, method: "PUT", path: `/items/${id}`, body, restores: true };
}

/**
 * Merges two entries for the same deleted todo. `null` if both have different words for the same
 * field.
 */
export function merged(old, { words, again: [todo, ...steps] }) {
  const [before, ...others] = old.again;
  const clash = (field) => words.includes(todo.body[field]) && old.words.includes(before.body[field]) && !todo.body[field].includes(before.body[field]);
  if (TEXTS.some((field) => todo.body[field] && before.body[field] && clash(field))) return null;
  const fields = Object.fromEntries(TEXTS.filter((field) => words.includes(todo.body[field])).map((field) => [field, todo.body[field]]));
  const ids = new Set(steps.map((step) => step.key));
  const again = [{ ...before, body: { ...before.body, ...fields } }, ...others.filter((step) => !ids.has(step.key)), ...steps];
  return { ...old, words: `${old.words}\n${words}`, again };
}
