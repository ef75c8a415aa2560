// The side panel: notes and checklist of one todo.

import { Away, pages } from "./api.js";
import { byId, el, text } from "./dom.js";
import { before } from "./order.js";

const NOTES_MAX = 10_000;

/** `act` has `patch(todo, fields)`, `send(op)`, `get(id)`, `ops(key)` and `closed(id)`. */
export function panel(act) {
  const root = byId("panel");
  let id = null;
  let items = new Map();
  const heading = el("h2", { id: "panel-title", dir: "auto", tabindex: -1 });
  const close = el("button", { type: "button", class: "close", "aria-label": "Close", onclick: hide }, "×");
  const notes = el("textarea", { id: "notes", class: "notes", dir: "auto", rows: 6 });
  const trouble = el("p", { class: "problem", role: "alert" });
  const checklist = el("ul", { class: "items", "aria-label": "Checklist" });
  const field = el("input", { id: "new-item", class: "new-item", type: "text", dir: "auto", placeholder: "Add a step", enterkeyhint: "done" });
  const form = el("form", { autocomplete: "off" }, el("label", { for: "new-item", class: "sr" }, "Add a step"), field);
  const when = el("p", { class: "when" });
  root.append(heading, close, trouble, el("h3", null, el("label", { for: "notes" }, "Notes")), notes, el("h3", null, "Checklist"), checklist, form, when);

  let typing = 0;
  notes.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(keep, 500);
  });
  notes.addEventListener("blur", keep);
  root.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const title = field.value.trim();
    if (!title) return;
    if ([...title].length > 500) return text(trouble, "A step has at most 500 characters.");
    text(trouble, "");
    act.send({ key: `item:new:${crypto.randomUUID()}`, method: "POST", path: `/todos/${id}/items`, body: { title } });
    field.value = "";
    draw();
  });

  function keep() {
    clearTimeout(typing);
    const todo = id && act.get(id);
    const words = notes.value;
    if (!todo || words === (todo.notes ?? "")) return;
    const length = [...words].length;
    text(trouble, length > NOTES_MAX ? `Notes have at most ${NOTES_MAX.toLocaleString()} characters; these have ${length.toLocaleString()}, and are not saved.` : "");
    if (length <= NOTES_MAX) act.patch(todo, { notes: words || null });
  }

  async function open(todo) {
    keep();
    id = todo.id;
    items = new Map();
    text(trouble, "");
    notes.value = todo.notes ?? "";
    root.hidden = false;
    update();
    heading.focus();
    await read();
  }

  async function read() {
    const of = id;
    if (!of || act.isNew(of)) return;
    const fresh = new Map();
    try {
      for await (const page of pages(`/todos/${of}/items?limit=1000`)) for (const item of page) fresh.set(item.id, item);
    } catch (error) {
      if (of === id && !(error instanceof Away)) text(trouble, error.message);
      return;
    }
    if (of !== id) return;
    items = fresh;
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
    if (document.activeElement !== notes) notes.value = todo.notes ?? "";
    const time = (at) => new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    text(when, todo.created_at ? `Added ${time(todo.created_at)}${todo.completed_at ? ` · done ${time(todo.completed_at)}` : ""}` : "Not sent yet");
    // Whoever types goes on typing.
    if (!isTyping()) draw();
  }

  function draw() {
    const shown = [...items.values()].sort(before).map((item) => act.ops(`item:${item.id}`).reduce(apply, item)).filter(Boolean);
    const coming = act.coming(`/todos/${id}/items`);
    const active = document.activeElement?.dataset?.key;
    checklist.replaceChildren(...shown.map(line), ...coming.map((op) => el("li", { class: "pending" }, el("span", { class: "what", dir: "auto" }, op.body.title), el("small", null, "not sent yet"))));
    if (active) checklist.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus();
  }

  const apply = (item, op) => item && (op.method === "DELETE" ? null : { ...item, ...op.body });

  function line(item) {
    const change = (body, method = "PATCH") => {
      act.send({ key: `item:${item.id}`, method, path: `/items/${item.id}`, body });
      draw();
    };
    const toggle = el("input", { type: "checkbox", class: "toggle", "aria-label": `Done: ${item.title}`, "data-key": `t${item.id}` });
    toggle.checked = item.completed;
    toggle.addEventListener("change", () => change({ completed: toggle.checked }));
    const what = el("input", { type: "text", class: "what", dir: "auto", "aria-label": "Step", "data-key": `w${item.id}` });
    what.value = item.title;
    what.addEventListener("keydown", (event) => {
      if (event.key === "Enter") what.blur();
      else if (event.key === "Escape") event.stopPropagation(), (what.value = item.title), what.blur();
    });
    what.addEventListener("blur", () => {
      const title = what.value.trim();
      if (!title) change(undefined, "DELETE");
      else if (title !== item.title) change({ title });
    });
    const destroy = el("button", { type: "button", class: "destroy", "aria-label": `Delete ${item.title}`, onclick: () => change(undefined, "DELETE") }, "×");
    return el("li", { class: item.completed ? "done" : null }, toggle, what, destroy);
  }

  return {
    open,
    update,
    read,
    put(item) {
      if (item.todo_id === id) items.set(item.id, item), isTyping() || draw();
    },
    delete(item) {
      if (items.delete(item)) draw();
    },
  };

  function isTyping() {
    return checklist.contains(document.activeElement) && document.activeElement.classList.contains("what");
  }
}
