// The actions of a person, for undo and redo. They survive a reload, but not the end of the window.

import { agrees, describe, inverse } from "./change.js";
import { quote } from "./dom.js";

const NAME = "todo.undo";
const ENTRIES_MAX = 100;
/**
 * The largest number of changes in all entries together. The last entry is kept even if it has
 * more.
 */
const CHANGES_MAX = 20_000;

export class Undo {
  #done = [];
  #undone = [];
  #storing = 0;
  /** Whether the page is being unloaded. Timers do not run any more then. */
  #leaving = false;
  #sealed = true;
  #turn = Promise.resolve();

  /**
   * `current(changes)` returns a map of the present states by key, or `null` if they cannot be
   * read. `carryOut(changes)` sends changes. `told(words, keys)` reports the result.
   */
  constructor({ current, carryOut, told }) {
    Object.assign(this, { current, carryOut, told });
    this.#restore();
    addEventListener("pagehide", () => ((this.#leaving = true), this.#store()));
    addEventListener("pageshow", () => (this.#leaving = false));
  }

  /** The action that `undo` would undo, in words; `undefined` if there is none. */
  get last() {
    return this.#done.at(-1)?.words;
  }

  /** The action that `redo` would redo, in words; `undefined` if there is none. */
  get next() {
    return this.#undone.at(-1)?.words;
  }

  did(changes, words = describe(changes)) {
    const last = this.#done.at(-1);
    const goesOn = !this.#sealed && isTyping(changes) && isTyping(last?.changes) && last.changes[0].key === changes[0].key;
    if (goesOn) last.changes[0].to = changes[0].to;
    else this.#done.push({ words, changes });
    this.#sealed = false;
    this.#undone = [];
    this.#bound();
    this.#keep();
    return this.#done.at(-1);
  }

  /** The next typing starts a new entry. */
  seal() {
    this.#sealed = true;
  }

  /** Undoes the last entry, or another entry that `did` returned. */
  undo(entry) {
    return this.#inTurn(() => this.#take(this.#done, this.#undone, inverse, "Undone", entry));
  }

  redo() {
    return this.#inTurn(() => this.#take(this.#undone, this.#done, (change) => change, "Redone"));
  }

  /** Adds the steps of a deleted todo to the entries of its deletion. */
  learned(key, steps) {
    for (const { changes } of [...this.#done, ...this.#undone]) {
      for (const change of changes) if (change.key === key && !(change.from && change.to)) change.steps = steps;
    }
    this.#keep();
  }

  /**
   * Runs actions one after the other. Why: an action may have to wait for an answer of the service.
   */
  #inTurn(act) {
    return (this.#turn = this.#turn.then(act));
  }

  async #take(source, target, way, done, entry = source.at(-1)) {
    if (!source.includes(entry)) return;
    const now = await this.current(entry.changes);
    if (!now) return this.told("The service does not answer, so this can't be undone now.", []);
    const at = source.indexOf(entry);
    if (at < 0) return;
    source.splice(at, 1);
    this.#sealed = true;
    const fits = (change) => agrees(now.get(change.key), way(change).from);
    const [fit, others] = [entry.changes.filter(fits), entry.changes.filter((change) => !fits(change))];
    if (fit.length) target.push({ ...entry, changes: fit });
    this.carryOut(fit.map(way));
    this.#keep();
    const words = fit.length ? [`${done}: ${entry.words}.`] : [];
    if (others.length) words.push(kept(others, now));
    this.told(words.join(" "), fit.map(({ key }) => key));
  }

  #bound() {
    const size = () => this.#done.reduce((sum, { changes }) => sum + changes.length, 0);
    while (this.#done.length > ENTRIES_MAX || (this.#done.length > 1 && size() > CHANGES_MAX)) this.#done.shift();
  }

  #keep() {
    if (this.#leaving) this.#store();
    else this.#storing ||= setTimeout(() => this.#store(), 200);
  }

  #store() {
    this.#storing = clearTimeout(this.#storing);
    // Entries that do not fit into the storage last as long as the page.
    for (let from = 0; from <= this.#done.length; from = from * 2 + 1) {
      try {
        return sessionStorage.setItem(NAME, JSON.stringify({ done: this.#done.slice(from), undone: this.#undone }));
      } catch {
        // The storage is full or forbidden. The next try stores fewer entries.
      }
    }
  }

  #restore() {
    try {
      const { done, undone } = JSON.parse(sessionStorage.getItem(NAME)) ?? {};
      const valid = (entries) => entries.filter(({ words, changes }) => words && changes.length);
      [this.#done, this.#undone] = [valid(done), valid(undone)];
    } catch {
      // The storage has no entries, is forbidden, or holds something else.
    }
  }
}

/**
 * Whether this is a change of notes only. Notes are saved repeatedly while a person types, which
 * counts as one action.
 */
const isTyping = (changes) => changes?.length === 1 && Boolean(changes[0].to) && "notes" in changes[0].to && Boolean(changes[0].from);

/** Says which objects were not undone or redone, because another window changed them since. */
function kept(others, now) {
  const [{ key, title }] = others;
  if (others.length > 1) return `${others.length.toLocaleString()} were changed elsewhere since, and are left as they are.`;
  return now.get(key) ? `${quote(title)} was changed elsewhere since, and is left as it is.` : `${quote(title)} was deleted elsewhere since.`;
}
