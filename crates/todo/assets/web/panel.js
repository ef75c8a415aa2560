// The side panel: notes and checklist of one todo.

import { Away, pages } from "./api.js";
import { arrange, byId, el, text } from "./dom.js";
import { newId } from "./id.js";
import { Known } from "./known.js";
import { before, behind } from "./order.js";
import { step } from "./step.js";
import { keyOf } from "./todos.js";
import { NOTES_MAX, TITLE_MAX, isLonger, line, prose } from "./words.js";

const STEP_TOO_LONG = `A step has at most ${TITLE_MAX} characters.`;

/** `act` has `patch(todo, fields)`, `send(op)`, `removeStep(step)`, `get(id)`, `isNew(id)`, `ops()` and `closed(id)`. */
export function panel(act) {
  const root = byId("panel");
  let id = null;
  let items = new Known();
  let loaded = false;
  const rows = new Map();
  const heading = el("h2", { id: "panel-title", dir: "auto", tabindex: -1 });
  const close = el("button", { type: "button", class: "close", "aria-label": "Close", onclick: hide }, "×");
  const notes = el("textarea", { id: "notes", class: "notes", dir: "auto", rows: 6 });
  const trouble = el("p", { class: "problem", role: "alert" });
  const checklist = el("ul", { class: "items", "aria-label": "Checklist" });
  const field = el("input", { id: "new-item", class: "new-item", type: "text", dir: "auto", placeholder: "Add a step", enterkeyhint: "done" });
  const form = el("form", { autocomplete: "off" }, el("label", { for: "new-item", class: "sr" }, "Add a step"), field);
  const missing = el("p", { class: "when", role: "status" });
  const when = el("p", { class: "when" });
  root.append(el("div", { class: "head" }, heading, close), trouble, el("h3", null, el("label", { for: "notes" }, "Notes")), notes, el("h3", null, "Checklist"), missing, checklist, form, when);

  let typing = 0;
  let typed = false;
  notes.addEventListener("input", () => {
    typed = true;
    typing ||= setTimeout(keep, 1000);
  });
  // Before the outbox is stored.
  addEventListener("pagehide", keep, { capture: true });
  notes.addEventListener("blur", keep);
  root.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const title = line(field.value);
    if (!title) return;
    if (isLonger(title, TITLE_MAX)) return text(trouble, STEP_TOO_LONG);
    text(trouble, "");
    const item = newId();
    const body = { todo_id: id, title, order: loaded ? behind(steps()) : undefined };
    if (act.send({ key: `item:${item}`, after: keyOf(id), method: "PUT", path: `/items/${item}`, body })) field.value = "";
    draw();
  });

  function keep() {
    typing = clearTimeout(typing);
    const todo = id && act.get(id);
    if (!todo || !typed) return;
    const words = prose(notes.value);
    const tooLong = isLonger(words, NOTES_MAX);
    text(trouble, tooLong ? `Notes have at most ${NOTES_MAX.toLocaleString()} characters; these have ${[...words].length.toLocaleString()}, and are not saved.` : "");
    if (tooLong) return;
    const kept = words === (todo.notes ?? "") || act.patch(todo, { notes: words || null });
    typed = !kept;
  }

  async function open(todo) {
    keep();
    id = todo.id;
    items = new Known();
    loaded = act.isNew(id);
    text(trouble, "");
    text(missing, "");
    typed = false;
    notes.value = todo.notes ?? "";
    root.hidden = false;
    update();
    heading.focus();
    await read();
  }

  async function read() {
    if (!id || act.isNew(id)) return;
    const of = items;
    const meanwhile = of.begin();
    const fresh = [];
    try {
      for await (const page of pages(`/todos/${id}/items?limit=1000`)) fresh.push(...page);
    } catch (error) {
      if (of !== items) return;
      if (!(error instanceof Away)) text(trouble, error.message);
      else if (!loaded) text(missing, "What is on it can't be read now.");
      return;
    }
    of.replace(fresh, meanwhile);
    if (of !== items) return;
    loaded = true;
    text(missing, "");
    draw();
  }

  function hide() {
    keep();
    const was = id;
    id = null;
    root.hidden = true;
    if (was) act.closed(was);
  }

  /** The todo may be different, or gone. */
  function update() {
    const todo = id && act.get(id);
    if (!todo) return void (id && hide());
    text(heading, todo.title);
    if (!typed && notes.value !== (todo.notes ?? "")) notes.value = todo.notes ?? "";
    const time = (at) => new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    text(when, todo.created_at ? `Added ${time(todo.created_at)}${todo.completed_at ? ` · done ${time(todo.completed_at)}` : ""}` : "Not sent yet");
    draw();
  }

  /** What the service has said, with what is not confirmed yet on top; in order. */
  function steps() {
    const ops = act.ops();
    const all = Array.from(items.values(), (item) => withOps(item, ops.get(`item:${item.id}`) ?? []));
    for (const [key, own] of ops) {
      const item = key.slice(5);
      if (own[0].body?.todo_id === id && !items.has(item)) all.push(withOps({ id: item, completed: false }, own));
    }
    return all.filter(Boolean).sort(before);
  }

  function draw() {
    const shown = steps();
    const ids = new Set(shown.map((step) => step.id));
    for (const known of rows.keys()) if (!ids.has(known)) rows.delete(known);
    for (const one of shown) {
      if (rows.has(one.id)) rows.get(one.id).update(one);
      else rows.set(one.id, step(one, { change, rename, remove, done: () => field.focus() }));
    }
    arrange(checklist, shown.map((one) => rows.get(one.id).node), field);
  }

  function change(one, body) {
    return act.send({ key: `item:${one.id}`, method: "PATCH", path: `/items/${one.id}`, body });
  }

  /** `false` if the words can't be kept. */
  function rename(one, words) {
    const title = line(words);
    const tooLong = isLonger(title, TITLE_MAX);
    text(trouble, tooLong ? STEP_TOO_LONG : "");
    if (tooLong) return false;
    if (!title) act.removeStep(one);
    else return title === one.title || change(one, { title });
  }

  const remove = (one) => act.removeStep(one);

  function withOps(item, ops) {
    // It may be put again behind its deletion.
    const step = (now, body) => now && { ...now, ...body, pending: true };
    const then = { DELETE: () => null, PUT: (now, body) => step(now ?? { id: item.id, completed: false }, body), PATCH: step };
    return ops.reduce((now, { method, body }) => then[method](now, body), item);
  }

  return {
    open,
    update,
    read,
    hide,
    /** The id of the todo that is shown. */
    get shown() {
      return id;
    },
    /** `null` if it is not on the checklist; `undefined` if that is not known here. */
    step: (item, todo = id) => (todo === id ? (steps().find((step) => step.id === item) ?? (loaded ? null : undefined)) : undefined),
    create(item) {
      items.create(item);
      if (item.todo_id !== id) items.forget(item.id);
      draw();
    },
    put(item) {
      if (item.todo_id === id) items.put(item);
      else if (!items.forget(item.id)) return;
      draw();
    },
    /** Words are not thrown away because they could not be kept. */
    refused(op, error) {
      if (op.path !== `/todos/${id}` || !op.body?.notes || typed) return;
      notes.value = op.body.notes;
      typed = true;
      text(trouble, `The notes are not saved: ${error.message}`);
    },
    delete(item) {
      if (items.delete(item)) draw();
    },
  };
}
