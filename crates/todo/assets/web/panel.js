// The side panel: notes and checklist of one todo.

/** @import { Drafts } from "./drafts.js" */
/** @import { Refused } from "./api.js" */
/** @import { Op, PanelActs, Todo, Values } from "./types" */

import { Away, pages } from "./api.js";
import { checklist } from "./checklist.js";
import { byId, el, text } from "./dom.js";
import { editor } from "./editor.js";
import { newId } from "./id.js";
import { Overwrites } from "./outbox.js";
import { keyOf } from "./todos.js";
import { NOTES_MAX, TITLE_MAX, isLonger, line, prose } from "./words.js";

const STEP_TOO_LONG = `A step has at most ${TITLE_MAX} characters.`;
const GONE = "This todo was deleted in another window. What you typed is kept here.";

/** @param {PanelActs} act @param {Drafts} drafts */
export function panel(act, drafts) {
  const root = byId("panel");
  let id = "";
  /**
   * The todo as it was when another window deleted it while somebody typed here.
   * @type {Todo | null}
   */
  let gone = null;
  /**
   * The last known state of the todo.
   * @type {Todo | null}
   */
  let last = null;
  /**
   * The todo for which notes were refused; it may be ahead of the stream.
   * @type {Values & { updated_at?: string } | null}
   */
  let ahead = null;
  const heading = el("h2", { id: "panel-title", dir: "auto", tabindex: -1 });
  const close = el("button", { type: "button", class: "close", "aria-label": "Close", onclick: hide }, "×");
  const area = el("textarea", { id: "notes", class: "notes", dir: "auto", rows: 6 });
  const notes = editor(area, drafts, {
    save: saveNotes,
    restore: () => restore(),
    draft: (words, base) => act.draft({
      ...target(),
      method: "PATCH",
      path: `/todos/${id}`,
      body: { notes: prose(words) },
      base: { notes: base || null },
    }),
    park: (draft, theirs) => act.park({
      ...draft,
      theirs: theirs || undefined,
      why: "Another window has changed the notes, too.",
      action: "Use mine",
    }),
    leave: () => area.focus(),
  });
  const trouble = el("p", { class: "problem", role: "alert" });
  const again = el("button", { type: "button", onclick: restore }, "Restore it with this text");
  const choices = el("p", { class: "choices" }, again);
  const lost = el("div", { class: "note", role: "alert", hidden: true }, el("p", null, GONE), choices);
  const field = el("input", {
    id: "new-item",
    class: "new-item",
    type: "text",
    dir: "auto",
    placeholder: "Add a step",
    enterkeyhint: "done",
  });
  const steps = checklist(
    {
      ...act,
      trouble: (words) => text(trouble, words),
      done: () => field.focus(),
      isGone: () => gone !== null,
      about: () => heading.textContent,
    },
    drafts,
    field,
  );
  const form = el("form", { autocomplete: "off" }, el("label", { for: "new-item", class: "sr" }, "Add a step"), field);
  const missing = el("p", { class: "when", role: "status" });
  const when = el("p", { class: "when" });
  root.append(
    el("div", { class: "head" }, heading, close),
    lost, trouble,
    el("h3", null, el("label", { for: "notes" }, "Notes")), notes.node,
    el("h3", null, "Checklist"), missing, steps.node, form, when,
  );

  let typing = 0;
  area.addEventListener("input", () => (typing ||= setTimeout(keep, 1000)));
  area.addEventListener("blur", keep);
  // While the page is being unloaded, the outbox stores every op at once.
  addEventListener("pagehide", keep);
  root.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  field.addEventListener("input", () => {
    if (!id) return;
    if (line(field.value)) drafts.keep(newStep(id), act.draft(stepOp(line(field.value))));
    else drafts.drop(newStep(id));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const title = line(field.value);
    if (!title || gone) return;
    if (isLonger(title, TITLE_MAX)) return text(trouble, STEP_TOO_LONG);
    text(trouble, "");
    if (act.send(stepOp(title, steps.behind()))) clearStep();
    steps.draw();
  });

  const newStep = (/** @type {string} */ todo) => `new-step:${todo}`;

  const target = () => ({ key: keyOf(id), todo: id, about: heading.textContent });

  /** @param {string} title @param {number} [order] */
  function stepOp(title, order) {
    const item = newId();
    const body = { todo_id: id, title, ...(order !== undefined && { order }) };
    /** @type {"PUT"} */
    const method = "PUT";
    return { ...target(), key: `item:${item}`, after: keyOf(id), method, path: `/items/${item}`, body };
  }

  function clearStep() {
    field.value = "";
    drafts.drop(newStep(id));
  }

  /** @param {Todo | null} todo */
  function setGone(todo) {
    gone = todo;
    lost.hidden = !todo;
    root.classList.toggle("gone", Boolean(todo));
  }

  /** Saves the notes. Called every second while a person types, and when they have finished. */
  function keep() {
    clearTimeout(typing);
    typing = 0;
    if (id && !gone && act.get(id) && notes.typed && !notes.disputed) notes.keep();
  }

  /** @param {string} words @param {string} base */
  function saveNotes(words, base) {
    const kept = prose(words);
    const tooLong = isLonger(kept, NOTES_MAX);
    const [most, has] = [NOTES_MAX.toLocaleString(), [...kept].length.toLocaleString()];
    text(trouble, tooLong ? `Notes have at most ${most} characters; these have ${has}, and are not saved.` : "");
    const todo = act.get(id);
    return !tooLong && todo !== null && act.patch(todo, { notes: kept || null }, { notes: base || null });
  }

  /** @param {Todo} todo */
  async function open(todo) {
    if (id && !leave()) return;
    id = todo.id;
    setGone(null);
    text(trouble, "");
    text(missing, "");
    last = todo;
    ahead = null;
    notes.open(`notes:${id}`, todo.notes ?? "");
    field.value = drafts.get(newStep(id))?.words ?? "";
    steps.open(id, act.isNew(id));
    root.hidden = false;
    update();
    heading.focus();
    await read();
  }

  async function read() {
    if (!id || act.isNew(id)) return;
    const of = id;
    try {
      if (await steps.read(() => pages(`/todos/${of}/items?limit=1000`))) text(missing, "");
    } catch (error) {
      if (of !== id || gone) return;
      if (!(error instanceof Away)) text(trouble, error instanceof Error ? error.message : String(error));
      else if (!steps.loaded) text(missing, "The checklist can't be loaded now.");
    }
  }

  /** Saves or parks all words in the panel. `false` if some cannot be stored. */
  function leave() {
    keep();
    if (!gone && !act.get(id)) setGone(last);
    if (gone) {
      const words = typedHere();
      if (!steps.close()) return false;
      if (words && gone) act.parkDeleted(gone, words.fields, steps.all(words.step));
      notes.end();
      drafts.drop(newStep(id));
    } else {
      if (!steps.close()) return false;
      if (!notes.leave()) return area.focus(), false;
    }
    return true;
  }

  /** @param {string} todo @param {string} words */
  const holds = (todo, words) => todo === id && notes.typed && area.value.includes(words);

  function typedHere() {
    const step = line(field.value);
    const fields = notes.typed && area.value.trim() ? { notes: prose(area.value) } : {};
    return step || fields.notes || steps.typed ? { fields, step } : null;
  }

  function hide() {
    if (!id || !leave()) return;
    const was = id;
    id = "";
    gone = null;
    root.hidden = true;
    act.closed(was);
  }

  function restore() {
    const words = typedHere() ?? { fields: {}, step: "" };
    const todo = gone ?? act.get(id);
    if (!todo || !act.restore(todo, words.fields, steps.all(words.step))) return false;
    clearStep();
    setGone(null);
    update();
    return true;
  }

  /**
   * The todo was deleted. If another window deleted it while a person types here, the panel stays
   * open.
   */
  function vanish() {
    if (last && !act.deletes(id)) deleted(last);
    if (gone) return;
    if (notes.unsaved || line(field.value)) gone = last;
    else notes.end();
    hide();
  }

  /** @param {Todo} todo */
  function deleted(todo) {
    if (todo.id !== id) return parkStep(todo);
    if (gone) return;
    const active = document.activeElement;
    const busy = root.contains(active) && active?.matches("input[type=text], textarea");
    if (busy || typedHere()) setGone(todo);
  }

  /**
   * A step was half typed before the panel of its todo was closed.
   * @param {Todo} todo
   */
  function parkStep(todo) {
    const words = drafts.get(newStep(todo.id))?.words;
    if (!words) return;
    act.parkDeleted(todo, {}, [{ id: newId(), title: words }]);
    drafts.drop(newStep(todo.id));
  }

  /** Shows the present state of the todo, which may have been changed or deleted. */
  function update() {
    if (!id) return;
    const todo = act.get(id);
    if (!todo) return void (gone || vanish());
    last = todo;
    if (gone) setGone(null);
    text(heading, todo.title);
    const own = act.isOwn(id, "notes", todo.notes);
    const newest = !own && ahead && timeOf(ahead) > timeOf(todo) ? ahead : todo;
    notes.see(newest.notes ?? "", own);
    const done = todo.completed_at ? ` · done ${shownTime(todo.completed_at)}` : "";
    text(when, todo.created_at ? `Added ${shownTime(todo.created_at)}${done}` : "Not sent yet");
    steps.draw();
  }

  return {
    open,
    update,
    read,
    hide,
    /** The id of the shown todo, or nothing. */
    get shown() {
      return id;
    },
    /**
     * `null` if the step is not on the checklist; `undefined` if the checklist is not known.
     * @param {string} item
     */
    step: (item, todo = id) => (id && todo === id ? steps.step(item) : undefined),
    put: steps.put,
    create: steps.create,
    answer: steps.answer,
    revive: steps.revive,
    delete: steps.delete,
    known: steps.known,
    /** Whether somebody typed these notes here, and the field still has them. */
    holds,
    /** Another window has deleted the todo, and the panel keeps what is typed here. */
    deleted,
    /** Saves the typed notes before an action on the todo. */
    keep,
    /**
     * The words are still in the field, but are not stored.
     * @param {Op} op
     * @param {Refused} error
     */
    refused(op, error) {
      const words = op.body?.notes;
      if (!op.key.startsWith("todo:") || !words || op.body?.title || !holds(op.todo, words)) return false;
      // Another window's text is not replaced before the person has seen it.
      if (error instanceof Overwrites) {
        ahead = error.now;
        notes.see(ahead.notes ?? "");
        return true;
      }
      notes.failed(op.base?.notes ?? "");
      text(trouble, `The notes are not saved: ${error.message}`);
      return true;
    },
  };
}

/** @param {{ updated_at?: string }} todo */
const timeOf = (todo) => Date.parse(todo.updated_at ?? "");

/** @param {string} at */
function shownTime(at) {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
