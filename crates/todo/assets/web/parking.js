// Parks words that the service refused, or that another window overwrote or deleted: see
// `parked.js`.

import { Overwrites } from "./outbox.js";
import { TEXTS } from "./recent.js";
import { conflict, deletion, hasWords, merged, refusal, stepDeletion } from "./entry.js";
import { quote } from "./dom.js";

/** `page` has `todo(id)`, `holds(todo, field, words)` and `notice(words)`. */
export function parking(parked, outbox, recent, page) {
  /** Merges the entry with one that is already parked for the same deleted todo. */
  function whole(entry) {
    const [name, old] = parked.all().find(([, old]) => entry.gone && old.gone === entry.gone) ?? [];
    const both = old && merged(old, entry);
    if (both) parked.remove(name);
    return both ?? entry;
  }

  const add = (entry) => parked.add(whole(entry));

  /** Parks the words of these ops on a deleted todo and its checklist, in one entry. */
  function gone(todo, ops) {
    // If the todo was deleted before this window received it, only the ops have its title.
    const title = todo.title ?? ops.find((op) => op.about)?.about ?? "Untitled";
    const fields = {};
    const steps = new Map();
    for (const { key, body } of ops.filter(hasWords)) {
      if (key.startsWith("item:")) steps.set(key, { ...steps.get(key), ...body, id: key.slice(5) });
      else for (const field of TEXTS) if (body[field] && !page.holds(todo.id, field, body[field])) fields[field] = body[field];
    }
    if (steps.size || Object.keys(fields).length) add(deletion({ ...todo, title }, fields, [...steps.values()].filter((step) => step.title)));
  }

  function was(op) {
    return page.todo(op.todo) ?? { id: op.todo, title: op.about, ...op.base };
  }

  return {
    add,
    whole,

    /** The service refused an op. Parks its words, or shows a notice if it has none. */
    refused(op, error) {
      const name = quote(op.about ?? "");
      if (op.method === "DELETE" && error instanceof Overwrites) return page.notice(`${name} was changed in another window after it was deleted here. So it is kept.`);
      if (error instanceof Overwrites) return add(conflict(op, error.now));
      if (error.status === 404 && !hasWords(op)) return page.notice(`${name} was deleted in another window.`);
      if (error.status !== 404) {
        const bound = op.method === "PUT" ? outbox.forget((other) => other !== op && other.after === op.key && other.key !== op.key) : [];
        return add(refusal([op, ...bound], error));
      }
      const todo = page.todo(op.todo);
      if (op.key.startsWith("item:") && todo) return add(stepDeletion(op.todo, op.about, { ...op.base, ...op.body, id: op.key.slice(5) }));
      gone(was(op), [op]);
    },

    /**
     * A todo was deleted. `todo` is its last state. Parks the words of this window, unless this
     * window deleted it (`byMe`).
     */
    deleted(todo, byMe) {
      const key = `todo:${todo.id}`;
      const mine = (op) => (op.todo === todo.id || op.key === key) && op.method !== "DELETE";
      const stored = recent.takeOf(todo.id);
      const waiting = outbox.forget(mine);
      if (!byMe) gone(todo, [...stored.map(({ words, ...op }) => ({ ...op, body: words })), ...waiting]);
    },

    /**
     * A step was deleted, but not its todo. Parks its words, unless this window deleted it
     * (`byMe`).
     */
    stepDeleted(id, todo, byMe) {
      const key = `item:${id}`;
      const stored = recent.take(key);
      const ops = [...(stored ? [{ key, body: stored.words }] : []), ...outbox.forget((op) => op.key === key && op.method !== "DELETE")];
      const title = ops.findLast(hasWords)?.body.title;
      if (!byMe && title) add(stepDeletion(todo, page.todo(todo)?.title, { id, title }));
    },

    /**
     * An object was changed. Parks words that this window stored a moment ago if the change
     * overwrote them.
     */
    changed(key, now, todo) {
      const body = recent.overwritten(key, now);
      const waits = (field) => outbox.of(key).some((op) => op.body?.[field]);
      for (const field of Object.keys(body)) if (waits(field) || page.holds(todo, field, body[field])) delete body[field];
      if (hasWords({ body })) add(conflict({ key, todo, about: page.todo(todo)?.title, path: key.startsWith("item:") ? `/items/${now.id}` : `/todos/${now.id}`, body }, now));
    },
  };
}
