// The steps of one todo, in its panel.

import { arrange, el } from "./dom.js";
import { newId } from "./id.js";
import { Known } from "./known.js";
import { before, behind } from "./order.js";
import { step } from "./step.js";
import { TITLE_MAX, isLonger, line } from "./words.js";

const TOO_LONG = `A step has at most ${TITLE_MAX} characters.`;

/** `act` is the panel's, with `trouble(words)`, `done()`, `isGone()` and `about()` in addition. */
export function checklist(act, drafts, otherwise) {
  const node = el("ul", { class: "items", "aria-label": "Checklist" });
  let todo = null;
  let items = new Known();
  let loaded = false;
  const rows = new Map();

  /** The confirmed steps with pending ops applied, in order. */
  function steps() {
    const ops = act.ops();
    const all = Array.from(items.values(), (item) => withOps(item, ops.get(`item:${item.id}`) ?? []));
    for (const [key, own] of ops) {
      const item = key.slice(5);
      if (own[0].body?.todo_id === todo && !items.has(item)) all.push(withOps({ id: item, completed: false }, own));
    }
    return all.filter(Boolean).sort(before);
  }

  function withOps(item, ops) {
    // The op that restores a step may wait behind the op that deletes it.
    const step = (now, body) => now && { ...now, ...body, pending: true };
    const then = { DELETE: () => null, PUT: (now, body) => step(now ?? { id: item.id, completed: false }, body), PATCH: step };
    return ops.reduce((now, { method, body }) => then[method](now, body), item);
  }

  function draw() {
    const shown = steps();
    const ids = new Set(shown.map((one) => one.id));
    const edited = [];
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      if (row.isEditing()) edited.push(row);
      else rows.delete(id);
    }
    for (const one of shown) {
      if (rows.has(one.id)) rows.get(one.id).update(one);
      else rows.set(one.id, step(one, { change, rename, restore, draft, park, remove: act.removeStep, done: act.done, left: draw, drafts }));
    }
    const nodes = shown.map((one) => rows.get(one.id).node);
    for (const row of edited) {
      // A person is typing in this row, so the row stays until they have finished.
      if (!act.isGone()) row.gone();
      nodes.splice(nodes.indexOf(row.node.previousElementSibling) + 1, 0, row.node);
    }
    arrange(node, nodes, otherwise);
  }

  const patchOf = (one, body, base) => ({ key: `item:${one.id}`, todo, about: act.about(), method: "PATCH", path: `/items/${one.id}`, body, base });

  const change = (one, body) => act.send(patchOf(one, body));

  const draft = (one, words, base) => act.draft(patchOf(one, { title: line(words) }, { title: base }));

  /** Renames a step. `false` if the outbox is full or the title is too long. */
  function rename(one, words, base) {
    const title = line(words);
    const tooLong = isLonger(title, TITLE_MAX);
    act.trouble(tooLong ? TOO_LONG : "");
    if (tooLong) return false;
    if (!title) return act.removeStep(one), true;
    return title === one.title || act.send(patchOf(one, { title }, { title: base }));
  }

  const restore = (one, words) => act.restoreStep(todo, { ...one, title: line(words) });

  function park(one, draft, theirs) {
    if (theirs === null) act.parkStep(todo, { ...one, title: draft.words });
    else act.park({ ...draft, theirs, why: "Another window has changed it, too.", action: "Use mine" });
  }

  return {
    node,
    draw,
    open(id, isNew) {
      todo = id;
      rows.clear();
      items = new Known();
      loaded = isNew;
    },
    /** Ends the editing of all steps. `false` if the words of a step cannot be stored. */
    close: () => [...rows.values()].every((row) => row.leave()),
    /**
     * Reads the checklist. `false` if another todo was opened meanwhile, or a later reading has
     * begun.
     */
    async read(pages) {
      const of = items;
      const meanwhile = of.begin();
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
    /** All steps, and one with the title `more` if that is given. */
    all: (more) => [...steps(), ...(more ? [{ id: newId(), title: more }] : [])],
    known: (id) => items.get(id),
    step: (id) => steps().find((one) => one.id === id) ?? (loaded ? null : undefined),
    create(item) {
      if (item.todo_id === todo) items.create(item), draw();
    },
    put(item) {
      const counts = item.todo_id === todo ? items.put(item) : items.forget(item.id);
      if (counts) draw();
      return counts;
    },
    answer(item) {
      if (item.todo_id === todo) items.answer(item), draw();
    },
    revive: (id) => items.revive(id),
    delete(id) {
      if (items.delete(id)) draw();
    },
  };
}
