// One todo in the list.

import { el, text } from "./dom.js";

/** `act` has `toggle`, `rename`, `remove`, `open`, `move` and `grab`. */
export function row(first, act) {
  let todo = null;
  let began = "";
  const handle = el("button", { class: "handle", type: "button", tabindex: -1, onpointerdown: (event) => act.grab(event, node) }, "⠿");
  const toggle = el("input", { class: "toggle", type: "checkbox", onchange: () => act.toggle(todo, toggle.checked) });
  // Two clicks of a mouse edit; one does where a screen reader or a voice clicks.
  const title = el("span", { class: "title", dir: "auto", tabindex: 0, role: "button", ondblclick: edit, onclick: (event) => event.detail === 0 && edit() });
  const open = el("button", { class: "open", type: "button", onclick: () => act.open(todo) }, "☰");
  const destroy = el("button", { class: "destroy", type: "button", onclick: () => act.remove(todo) }, "×");
  const tick = el("label", { class: "tick" }, toggle);
  const view = el("div", { class: "view" }, handle, tick, title, open, destroy);
  const field = el("input", { class: "edit", type: "text", dir: "auto", enterkeyhint: "done", "aria-label": "Edit the title" });
  const node = el("li", { "data-id": first.id }, view, field);

  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "F2") event.preventDefault(), edit();
    else if (event.key === "Delete") act.remove(todo);
    else if (event.key === " ") event.preventDefault(), act.toggle(todo, !todo.completed);
  });
  node.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.altKey && by) event.preventDefault(), act.move(todo, by);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") done(true, true);
    else if (event.key === "Escape") done(false, true);
  });
  field.addEventListener("blur", () => done(true, false));

  function edit() {
    node.classList.add("editing");
    field.value = began = todo.title;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  function done(keep, refocus) {
    if (!node.classList.contains("editing")) return;
    // First of all: what follows may take the focus away, and come here again.
    node.classList.remove("editing");
    if (refocus) title.focus();
    // Where nothing was typed, what another has made of it meanwhile stays.
    if (!keep || field.value === began || act.rename(todo, field.value) !== false) return;
    node.classList.add("editing");
    field.focus();
  }

  function update(now) {
    const shown = todo;
    todo = now;
    toggle.checked = now.completed;
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
  return { node, update, title };
}
