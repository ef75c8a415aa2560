// One step of a checklist.

/** @import { Step, StepActs } from "./types" */

import { el, isWithin } from "./dom.js";
import { editor } from "./editor.js";

/** @param {Step} first @param {StepActs} act */
export function step(first, act) {
  let step = first;
  const toggle = el("input", { type: "checkbox", class: "toggle" });
  const what = el("textarea", { rows: 1, class: "what", dir: "auto", "aria-label": "Step", enterkeyhint: "done" });
  const remove = () => act.remove(step);
  const destroy = el("button", { type: "button", class: "destroy", title: "Delete", onclick: remove }, "×");
  const editing = editor(what, act.drafts, {
    save: (words, base) => act.rename(step, words, base),
    restore: (words) => act.restore(step, words),
    draft: (words, base) => act.draft(step, words, base),
    park: (draft, theirs) => act.park(step, draft, theirs),
    leave: () => (act.done(), act.left()),
  });
  const node = el("li", null, el("label", { class: "tick" }, toggle), editing.node, destroy);

  toggle.addEventListener("change", () => act.change(step, { completed: toggle.checked }));
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
    if (!editing.isOpen || document.activeElement === what || isWithin(editing.node, relatedTarget)) return;
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

  /** @param {Step} now */
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
