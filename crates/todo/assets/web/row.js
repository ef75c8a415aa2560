// One todo in the list.

import { el, once, text } from "./dom.js";
import { editor } from "./editor.js";

/**
 * `act` has `toggle`, `rename`, `restore`, `titleDraft`, `park`, `remove`, `open`, `move`, `grab`,
 * `drafts` and `left`.
 */
export function row(first, act) {
  let todo = null;
  const handle = el("button", { class: "handle", type: "button", tabindex: -1, onpointerdown: (event) => act.grab(event, node) }, "⠿");
  const toggle = el("input", { class: "toggle", type: "checkbox", onchange: () => act.toggle(todo, toggle.checked) });
  // With a mouse, a double click edits. A screen reader or voice control sends a single click with
  // the detail 0.
  const title = el("span", { class: "title", dir: "auto", tabindex: 0, role: "button", ondblclick: edit, onclick: (event) => event.detail === 0 && edit() });
  const open = el("button", { class: "open", type: "button", onclick: () => act.open(todo) }, "☰");
  const destroy = el("button", { class: "destroy", type: "button", onclick: once(() => act.remove(todo)) }, "×");
  const view = el("div", { class: "view" }, handle, el("label", { class: "tick" }, toggle), title, open, destroy);
  const field = el("input", { class: "edit", type: "text", dir: "auto", enterkeyhint: "done", "aria-label": "Edit the title" });
  const editing = editor(field, act.drafts, {
    save: (words, base) => act.rename(todo, words, base),
    restore: (words) => act.restore(todo, words),
    draft: (words, base) => act.titleDraft(todo, words, base),
    park: (draft, theirs) => act.park(todo, draft, theirs),
    leave: () => close(true),
  });
  const node = el("li", { "data-id": first.id }, view, editing.node);

  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "F2") event.preventDefault(), edit();
    else if (event.key === "Delete") event.repeat || act.remove(todo);
    else if (event.key === " ") event.preventDefault(), act.toggle(todo, !todo.completed);
  });
  node.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.altKey && by) event.preventDefault(), act.move(todo, by);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      if (editing.keep()) close(true);
    } else if (event.key === "Escape") close(true);
  });
  editing.node.addEventListener("focusout", ({ relatedTarget }) => {
    // The editing continues if another window of the system or a button beside the field has the
    // focus.
    if (document.activeElement === field || editing.node.contains(relatedTarget)) return;
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

  function close(refocus) {
    // Why first: the next lines may move the focus, and the handler of `focusout` would call this
    // function again.
    editing.end();
    node.classList.remove("editing");
    if (refocus) title.focus();
    act.left();
  }

  function update(now) {
    const shown = todo;
    todo = now;
    toggle.checked = now.completed;
    editing.see(now.title);
    if (shown && ["title", "completed", "pending", "notes"].every((field) => shown[field] === now[field])) return;
    for (const [name, is] of [["todo", true], ["completed", now.completed], ["pending", now.pending], ["has-notes", now.notes]]) node.classList.toggle(name, Boolean(is));
    if (shown?.title === now.title) return;
    text(title, now.title);
    const name = now.title;
    for (const [part, label] of [[toggle, `Done: ${name}`], [open, `Notes and checklist of ${name}`], [destroy, `Delete ${name}`], [handle, `Drag ${name}; or press Alt and an arrow key on it`]]) {
      part.setAttribute("aria-label", label);
    }
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
    holds: (words) => editing.isOpen && field.value.includes(words),
    /** The todo was deleted in another window. */
    gone: () => editing.see(null),
  };
}
