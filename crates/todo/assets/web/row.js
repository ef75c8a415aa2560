// One todo in the list.

/** @import { Attributes, GrabbedRowActs, Todo } from "./types" */

import { el, isWithin, once, text } from "./dom.js";
import { editor } from "./editor.js";

/** @type {(keyof Todo)[]} */
const SHOWN = ["title", "completed", "pending", "notes"];

/** @param {Todo} first @param {GrabbedRowActs} act */
export function row(first, act) {
  let todo = first;
  /** @type {Todo | null} */
  let drawn = null;
  const button = (/** @type {Attributes} */ attributes, /** @type {string} */ sign) =>
    el("button", { type: "button", ...attributes }, sign);
  const handle = button({ class: "handle", tabindex: -1, onpointerdown: (event) => act.grab(event, node) }, "⠿");
  const toggle = el("input", { class: "toggle", type: "checkbox" });
  // A mouse needs two clicks to edit; a screen reader or voice control needs one.
  const title = el("span", {
    class: "title",
    dir: "auto",
    tabindex: 0,
    role: "button",
    ondblclick: edit,
    onclick: (event) => event.detail === 0 && edit(),
  });
  const open = button({ class: "open", onclick: () => act.open(todo) }, "☰");
  const destroy = button({ class: "destroy", onclick: once(() => act.remove(todo)) }, "×");
  const view = el("div", { class: "view" }, handle, el("label", { class: "tick" }, toggle), title, open, destroy);
  const field = el("input", {
    class: "edit",
    type: "text",
    dir: "auto",
    enterkeyhint: "done",
    "aria-label": "Edit the title",
  });
  const editing = editor(field, act.drafts, {
    save: (words, base) => act.rename(todo, words, base),
    restore: (words) => act.restore(todo, words),
    draft: (words, base) => act.titleDraft(todo, words, base),
    park: (draft, theirs) => act.park(todo, draft, theirs),
    leave: () => close(true),
  });
  /** @type {HTMLElement} */
  const node = el("li", { "data-id": first.id }, view, editing.node);

  toggle.addEventListener("change", () => act.toggle(todo, toggle.checked));

  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "F2") event.preventDefault(), edit();
    else if (event.key === "Delete") event.repeat || act.remove(todo);
    else if (event.key === " ") event.preventDefault(), act.toggle(todo, !todo.completed);
  });
  node.addEventListener("keydown", (event) => {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (event.altKey && by) event.preventDefault(), act.move(todo, by);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      if (editing.keep()) close(true);
    } else if (event.key === "Escape") close(true);
  });
  editing.node.addEventListener("focusout", ({ relatedTarget }) => {
    // Another window of the system has the focus, or a choice beside the field: the editing goes on.
    if (document.activeElement === field || isWithin(editing.node, relatedTarget)) return;
    if (!editing.isOpen) return;
    if (editing.leave()) close(false);
    else field.focus();
  });

  function edit() {
    node.classList.add("editing");
    editing.open(`title:${todo.id}`, todo.title);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  /** @param {boolean} refocus */
  function close(refocus) {
    // Why first: the next lines may move the focus, and the handler of `focusout` would call this
    // function again.
    editing.end();
    node.classList.remove("editing");
    if (refocus) title.focus();
    act.left();
  }

  /** @param {Todo} now */
  function update(now) {
    const before = drawn;
    todo = drawn = now;
    toggle.checked = now.completed;
    editing.see(now.title);
    if (before && SHOWN.every((field) => before[field] === now[field])) return;
    const classes = { todo: true, completed: now.completed, pending: now.pending, "has-notes": now.notes };
    for (const [name, is] of Object.entries(classes)) node.classList.toggle(name, Boolean(is));
    if (before?.title === now.title) return;
    text(title, now.title);
    const name = now.title;
    toggle.setAttribute("aria-label", `Done: ${name}`);
    open.setAttribute("aria-label", `Notes and checklist of ${name}`);
    destroy.setAttribute("aria-label", `Delete ${name}`);
    handle.setAttribute("aria-label", `Drag ${name}; or press Alt and an arrow key on it`);
  }
  title.setAttribute("aria-keyshortcuts", "Enter F2 Delete Alt+ArrowUp Alt+ArrowDown");
  open.title = "Notes and checklist";
  destroy.title = "Delete";
  handle.title = "Drag to move, or press Alt+↑ or Alt+↓";
  update(first);
  return {
    node,
    update,
    title,
    isEditing: () => editing.isOpen,
    /** Whether the field has these words. */
    holds: (/** @type {string} */ words) => editing.isOpen && field.value.includes(words),
    /** The todo was deleted in another window. */
    gone: () => editing.see(null),
  };
}
