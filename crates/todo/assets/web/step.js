// One step of a checklist.

import { el } from "./dom.js";
import { editor } from "./editor.js";

/**
 * `act` has `change(step, fields)`, `rename`, `restore`, `draft`, `park`, `remove(step)`, `drafts`,
 * `left()` and `done()`.
 */
export function step(first, act) {
  let step = first;
  const toggle = el("input", { type: "checkbox", class: "toggle", onchange: () => act.change(step, { completed: toggle.checked }) });
  const what = el("textarea", { rows: 1, class: "what", dir: "auto", "aria-label": "Step", enterkeyhint: "done" });
  const destroy = el("button", { type: "button", class: "destroy", title: "Delete", onclick: () => act.remove(step) }, "×");
  const editing = editor(what, act.drafts, {
    save: (words, base) => act.rename(step, words, base),
    restore: (words) => act.restore(step, words),
    draft: (words, base) => act.draft(step, words, base),
    park: (draft, theirs) => act.park(step, draft, theirs),
    leave: () => (act.done(), act.left()),
  });
  const node = el("li", null, el("label", { class: "tick" }, toggle), editing.node, destroy);

  what.addEventListener("focus", () => editing.isOpen || editing.open(`step:${step.id}`, step.title));
  what.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (editing.keep()) act.done();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      editing.end();
      what.value = step.title;
      toggle.focus();
    }
  });
  editing.node.addEventListener("focusout", ({ relatedTarget }) => {
    if (!editing.isOpen || document.activeElement === what || editing.node.contains(relatedTarget)) return;
    if (leave()) update(step), act.left();
  });

  /**
   * Ends the editing. If the words cannot be stored, they stay in the field, and this returns
   * `false`.
   */
  function leave() {
    if (editing.leave()) return true;
    what.focus();
    return false;
  }

  function update(now) {
    step = now;
    node.className = [now.completed && "done", now.pending && "pending"].filter(Boolean).join(" ");
    toggle.checked = now.completed;
    if (editing.isOpen) editing.see(now.title);
    else what.value = now.title;
    toggle.setAttribute("aria-label", `Done: ${now.title}`);
    destroy.setAttribute("aria-label", `Delete ${now.title}`);
  }
  update(step);
  return { node, update, isEditing: () => editing.isOpen, gone: () => editing.see(null), leave };
}
