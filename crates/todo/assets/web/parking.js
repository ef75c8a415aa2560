// Parks words that the service refused, or that another window overwrote or deleted: see
// `parked.js`.

/** @import { Refused } from "./api.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Parked } from "./parked.js" */
/** @import { Recent } from "./recent.js" */
/** @import { Entry, Fields, Op, StepDraft, Texts, Todo, TodoDraft } from "./types" */

import { Overwrites } from "./outbox.js";
import { TEXTS, keysOf, pick } from "./fields.js";
import { conflict, deletion, hasWords, merged, refusal, stepDeletion } from "./entry.js";
import { quote } from "./dom.js";

/** @typedef {{ body?: Fields, key: string, about?: string }} LostOp */

/**
 * @param {Parked} parked
 * @param {Outbox} outbox
 * @param {Recent} recent
 * @param {object} page
 * @param {(id: string) => Todo | null} page.todo
 * @param {(todo: string, field: keyof Texts, words: string) => boolean} page.holds Whether a field still has the words.
 * @param {(words: string) => void} page.notice
 */
export function parking(parked, outbox, recent, page) {
  /**
   * Merges the entry with what is already parked of the same todo.
   * @param {Entry} entry
   */
  function whole(entry) {
    const same = parked.all().find(([, old]) => entry.gone && old.gone === entry.gone);
    if (!same) return entry;
    const [name, old] = same;
    const both = merged(old, entry);
    if (both) parked.remove(name);
    return both ?? entry;
  }

  const add = (/** @type {Entry} */ entry) => parked.add(whole(entry));

  /**
   * Whether no field holds the words any more.
   * @param {string} todo
   * @param {keyof Texts} field
   * @param {string | null} [words]
   */
  const isLost = (todo, field, words) => Boolean(words) && !page.holds(todo, field, words ?? "");

  /**
   * The words of these ops, as parts of what was deleted.
   * @param {TodoDraft} todo @param {LostOp[]} ops
   */
  function gone(todo, ops) {
    // If the todo was deleted before this window received it, only the ops have its title.
    const title = todo.title ?? ops.find((op) => op.about)?.about ?? "Untitled";
    /** @type {Texts} */
    const fields = {};
    /** @type {Map<string, StepDraft>} */
    const steps = new Map();
    for (const { key, body = {} } of ops.filter(hasWords)) {
      const isStep = key.startsWith("item:");
      if (isStep) steps.set(key, { title: "", ...steps.get(key), ...body, id: key.slice(5) });
      else Object.assign(fields, pick(body, TEXTS.filter((field) => isLost(todo.id, field, body[field]))));
    }
    const titled = [...steps.values()].filter((step) => step.title);
    if (steps.size || Object.keys(fields).length) add(deletion({ ...todo, title }, fields, titled));
  }

  /** @param {Op} op @returns {TodoDraft} */
  function was(op) {
    return page.todo(op.todo) ?? { id: op.todo, title: op.about, ...op.base };
  }

  return {
    add,
    whole,

    /**
     * An op has ended without being carried out.
     * @param {Op} op @param {Refused} error
     */
    refused(op, error) {
      const name = quote(op.about ?? "");
      if (op.method === "DELETE" && error instanceof Overwrites) {
        return page.notice(`${name} was changed in another window after it was deleted here. So it is kept.`);
      }
      if (error instanceof Overwrites) return add(conflict(op, error.now));
      if (error.status === 404 && !hasWords(op)) return page.notice(`${name} was deleted in another window.`);
      if (error.status !== 404) {
        const isBound = (/** @type {Op} */ other) => other !== op && other.after === op.key && other.key !== op.key;
        const bound = op.method === "PUT" ? outbox.forget(isBound) : [];
        return add(refusal([op, ...bound], error));
      }
      const todo = page.todo(op.todo);
      const id = op.key.slice(5);
      const isStep = op.key.startsWith("item:");
      if (isStep && todo) return add(stepDeletion(op.todo, op.about, { title: "", ...op.base, ...op.body, id }));
      gone(was(op), [op]);
    },

    /**
     * Another window has deleted a todo; `todo` is its last state.
     * @param {TodoDraft} todo @param {boolean} byMe
     */
    deleted(todo, byMe) {
      const key = `todo:${todo.id}`;
      const mine = (/** @type {Op} */ op) => (op.todo === todo.id || op.key === key) && op.method !== "DELETE";
      const stored = recent.takeOf(todo.id);
      const waiting = outbox.forget(mine);
      if (!byMe) gone(todo, [...stored.map(({ words, ...op }) => ({ ...op, body: words })), ...waiting]);
    },

    /**
     * Another window has deleted a step, but not its todo.
     * @param {string} id @param {string} todo @param {boolean} byMe
     */
    stepDeleted(id, todo, byMe) {
      const key = `item:${id}`;
      const stored = recent.take(key);
      const waiting = outbox.forget((op) => op.key === key && op.method !== "DELETE");
      /** @type {LostOp[]} */
      const ops = [...(stored ? [{ key, body: stored.words }] : []), ...waiting];
      const title = ops.findLast(hasWords)?.body?.title;
      if (!byMe && title) add(stepDeletion(todo, page.todo(todo)?.title, { id, title }));
    },

    /**
     * An object has changed, which may have overwritten what this window stored a moment ago.
     * @param {string} key @param {Fields & { id: string }} now @param {string} todo
     */
    changed(key, now, todo) {
      const body = recent.overwritten(key, now);
      const waits = (/** @type {keyof Texts} */ field) => outbox.of(key).some((op) => op.body?.[field]);
      for (const field of keysOf(body)) if (waits(field) || !isLost(todo, field, body[field])) delete body[field];
      const path = key.startsWith("item:") ? `/items/${now.id}` : `/todos/${now.id}`;
      if (hasWords({ body })) add(conflict({ key, todo, about: page.todo(todo)?.title, path, body }, now));
    },
  };
}
