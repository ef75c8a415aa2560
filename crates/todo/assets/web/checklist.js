// The steps of one todo, in its panel.

/** @import { Drafts } from "./drafts.js" */
/** @import { StoredStep, Texts } from "./types" */
/** @import { ChecklistActs, Entry, Fields, Op, Step, StepActs, StepDraft } from "./types" */

import { arrange, el } from "./dom.js";
import { newId } from "./id.js";
import { Known } from "./known.js";
import { before, behind } from "./order.js";
import { step } from "./step.js";
import { TITLE_MAX, isLonger, line } from "./words.js";

const TOO_LONG = `A step has at most ${TITLE_MAX} characters.`;

/** @typedef {ReturnType<typeof step>} Row */

/** @param {ChecklistActs} act @param {Drafts} drafts @param {HTMLElement} otherwise */
export function checklist(act, drafts, otherwise) {
  const node = el("ul", { class: "items", "aria-label": "Checklist" });
  let todo = "";
  /** @type {Known<StoredStep>} */
  let items = new Known();
  let loaded = false;
  /** @type {Map<string, Row>} */
  const rows = new Map();

  /** The confirmed steps with pending ops applied, in order. */
  function steps() {
    const ops = act.ops();
    const all = Array.from(items.values(), (item) => withOps(item, item.id, ops.get(`item:${item.id}`) ?? []));
    for (const [key, own] of ops) {
      const id = key.slice(5);
      if (own[0].body?.todo_id === todo && !items.has(id)) all.push(withOps(added(id), id, own));
    }
    return all.filter((one) => one !== null).sort(before);
  }

  /** @param {Step} item @param {string} id @param {Op[]} ops */
  function withOps(item, id, ops) {
    /** @type {Step | null} */
    let now = item;
    for (const { method, body } of ops) {
      // A restored step may wait behind its deletion.
      if (method === "PUT") now ??= added(id);
      now = method === "DELETE" || !now ? null : { ...now, ...body, pending: true };
    }
    return now;
  }

  function draw() {
    const shown = steps();
    const ids = new Set(shown.map((one) => one.id));
    /** @type {Row[]} */
    const edited = [];
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      if (row.isEditing()) edited.push(row);
      else rows.delete(id);
    }
    /** @type {Element[]} */
    const nodes = shown.map((one) => {
      const known = rows.get(one.id);
      known?.update(one);
      const row = known ?? step(one, acts);
      rows.set(one.id, row);
      return row.node;
    });
    for (const row of edited) {
      // A person is typing in this row, so the row stays until they have finished.
      if (!act.isGone()) row.gone();
      const above = row.node.previousElementSibling;
      nodes.splice(above ? nodes.indexOf(above) + 1 : 0, 0, row.node);
    }
    arrange(node, nodes, otherwise);
  }

  /** @param {Step} one @param {Fields} body @param {Texts} [base] */
  function patchOf(one, body, base) {
    /** @type {"PATCH"} */
    const method = "PATCH";
    return { key: `item:${one.id}`, todo, about: act.about(), method, path: `/items/${one.id}`, body, base };
  }

  /** @param {Step} one @param {string} words @param {string} base */
  function rename(one, words, base) {
    const title = line(words);
    const tooLong = isLonger(title, TITLE_MAX);
    act.trouble(tooLong ? TOO_LONG : "");
    if (tooLong) return false;
    if (!title) return act.removeStep(one), true;
    return title === one.title || act.send(patchOf(one, { title }, { title: base }));
  }

  /** @param {Step} one @param {Entry} draft @param {string | null} theirs */
  function park(one, draft, theirs) {
    if (theirs === null) act.parkStep(todo, { ...one, title: draft.words });
    else act.park({ ...draft, theirs, why: "Another window has changed it, too.", action: "Use mine" });
  }

  /** @type {StepActs} */
  const acts = {
    change: (one, body) => act.send(patchOf(one, body)),
    rename,
    restore: (one, words) => act.restoreStep(todo, { ...one, title: line(words) }),
    draft: (one, words, base) => act.draft(patchOf(one, { title: line(words) }, { title: base })),
    park,
    remove: act.removeStep,
    done: act.done,
    left: draw,
    drafts,
  };

  return {
    node,
    draw,
    /** @param {string} id @param {boolean} isNew */
    open(id, isNew) {
      todo = id;
      rows.clear();
      items = new Known();
      loaded = isNew;
    },
    /** Ends the editing of all steps. `false` if the words of a step cannot be stored. */
    close: () => [...rows.values()].every((row) => row.leave()),
    /**
     * `false` if another todo has been opened meanwhile.
     * @param {() => AsyncIterable<StoredStep[]>} pages
     */
    async read(pages) {
      const of = items;
      const meanwhile = of.begin();
      /** @type {StoredStep[]} */
      const fresh = [];
      for await (const page of pages()) fresh.push(...page);
      if (of !== items || !of.replace(fresh, meanwhile)) return false;
      loaded = true;
      draw();
      return true;
    },
    get loaded() {
      return loaded;
    },
    get typed() {
      return [...rows.values()].some((row) => row.isEditing());
    },
    /** The order of a step that is added at the end; `undefined` if the service must choose it. */
    behind: () => (loaded ? behind(steps()) : undefined),
    /**
     * All there are, and one more.
     * @param {string} more
     * @returns {StepDraft[]}
     */
    all: (more) => [...steps(), ...(more ? [{ id: newId(), title: more }] : [])],
    known: (/** @type {string} */ id) => items.get(id),
    step: (/** @type {string} */ id) => steps().find((one) => one.id === id) ?? (loaded ? null : undefined),
    /** @param {StoredStep} item */
    create(item) {
      if (item.todo_id === todo) items.create(item), draw();
    },
    /** @param {StoredStep} item */
    put(item) {
      const counts = item.todo_id === todo ? items.put(item) : items.forget(item.id);
      if (counts) draw();
      return counts;
    },
    /** @param {StoredStep} item */
    answer(item) {
      if (item.todo_id === todo) items.answer(item), draw();
    },
    revive: (/** @type {string} */ id) => items.revive(id),
    /** @param {string} id */
    delete(id) {
      if (items.delete(id)) draw();
    },
  };
}

/**
 * A step that the service does not know yet. It stands last, unless it is given an order.
 * @param {string} id
 * @returns {Step}
 */
const added = (id) => ({ id, title: "", completed: false, order: Infinity });
