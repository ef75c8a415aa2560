// The actions of a person, for undo and redo. They survive a reload, but not the end of the window.

/** @import { Action, Change, Fields, StepDraft } from "./types" */

import { agrees, describe, inverse } from "./change.js";
import { quote } from "./dom.js";

const NAME = "todo.undo";
const ENTRIES_MAX = 100;
/**
 * The largest number of changes in all entries together. The last entry is kept even if it has
 * more.
 */
const CHANGES_MAX = 20_000;

/** @typedef {Map<string, Fields | null>} Now */

export class Undo {
  /** @type {Action[]} */
  #done = [];
  /** @type {Action[]} */
  #undone = [];
  #storing = 0;
  /** Whether the page is being unloaded. Timers do not run any more then. */
  #leaving = false;
  #sealed = true;
  #turn = Promise.resolve();

  /**
   * `current` gives a map of what is there now by key, or `null` if that can't be known; `carryOut` sends the changes;
   * `told` says what has become of them.
   * @param {object} page
   * @param {(changes: Change[]) => Promise<Now | null>} page.current
   * @param {(changes: Change[]) => void} page.carryOut
   * @param {(words: string, keys: string[]) => void} page.told
   */
  constructor({ current, carryOut, told }) {
    this.current = current;
    this.carryOut = carryOut;
    this.told = told;
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

  /** @param {Change[]} changes @returns {Action} */
  did(changes, words = describe(changes)) {
    const last = this.#done.at(-1);
    const goesOn = !this.#sealed && last && isTyping(changes) && isTyping(last.changes);
    const entry = goesOn && last.changes[0].key === changes[0].key ? last : { words, changes };
    if (entry === last) last.changes[0].to = changes[0].to;
    else this.#done.push(entry);
    this.#sealed = false;
    this.#undone = [];
    this.#bound();
    this.#keep();
    return entry;
  }

  /** The next typing starts a new entry. */
  seal() {
    this.#sealed = true;
  }

  /**
   * Undoes the last entry, or another entry that `did` returned.
   * @param {Action} [entry]
   */
  undo(entry) {
    return this.#inTurn(() => this.#take(this.#done, this.#undone, inverse, "Undone", entry));
  }

  redo() {
    return this.#inTurn(() => this.#take(this.#undone, this.#done, (change) => change, "Redone"));
  }

  /**
   * Adds the steps that a deleted todo had.
   * @param {string} key @param {StepDraft[]} steps
   */
  learned(key, steps) {
    for (const { changes } of [...this.#done, ...this.#undone]) {
      for (const change of changes) if (change.key === key && !(change.from && change.to)) change.steps = steps;
    }
    this.#keep();
  }

  /**
   * Runs actions one after the other, because they may have to wait for an answer.
   * @param {() => Promise<void>} act
   */
  #inTurn(act) {
    return (this.#turn = this.#turn.then(act));
  }

  /**
   * @param {Action[]} source
   * @param {Action[]} target
   * @param {(change: Change) => Change} way
   * @param {string} done
   */
  async #take(source, target, way, done, entry = source.at(-1)) {
    if (!entry || !source.includes(entry)) return;
    const now = await this.current(entry.changes);
    if (!now) return this.told("The service does not answer, so this can't be undone now.", []);
    const at = source.indexOf(entry);
    if (at < 0) return;
    source.splice(at, 1);
    this.#sealed = true;
    const fits = (/** @type {Change} */ change) => agrees(now.get(change.key), way(change).from);
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
    clearTimeout(this.#storing);
    this.#storing = 0;
    // What does not fit into the storage lives as long as the page.
    for (let from = 0; from <= this.#done.length; from = from * 2 + 1) {
      try {
        const kept = { done: this.#done.slice(from), undone: this.#undone };
        return sessionStorage.setItem(NAME, JSON.stringify(kept));
      } catch {
        // The storage is full or forbidden. The next try stores fewer entries.
      }
    }
  }

  #restore() {
    try {
      const { done, undone } = JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
      /** @param {Action[]} entries */
      const valid = (entries) => entries.filter(({ words, changes }) => words && changes.length);
      [this.#done, this.#undone] = [valid(done), valid(undone)];
    } catch {
      // The storage has no entries, is forbidden, or holds something else.
    }
  }
}

/**
 * Notes are saved repeatedly while a person types.
 * @param {Change[]} changes
 */
function isTyping(changes) {
  const [{ from, to }] = changes;
  return changes.length === 1 && from !== null && to !== null && "notes" in to;
}

/**
 * Tells which changes of others were left alone.
 * @param {Change[]} others @param {Now} now
 */
function kept(others, now) {
  const [{ key, title }] = others;
  const many = others.length.toLocaleString();
  if (others.length > 1) return `${many} were changed elsewhere since, and are left as they are.`;
  if (!now.get(key)) return `${quote(title)} was deleted elsewhere since.`;
  return `${quote(title)} was changed elsewhere since, and is left as it is.`;
}
