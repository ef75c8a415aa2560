// The field for a new todo.

/** @import { Drafts } from "./drafts.js" */
/** @import { Entry } from "./types" */

import { addedTodo, opOf } from "./change.js";
import { as, byId, find } from "./dom.js";
import { draft } from "./entry.js";
import { newId } from "./id.js";
import { line } from "./words.js";

const WHERE = "new-todo";

/**
 * `add()` gets the title. `false` if it can't be kept; then the field keeps the words.
 * @param {{ drafts: Drafts, add: (id: string, title: string) => boolean }} page
 */
export function newTodo({ drafts, add }) {
  const field = as(byId("new-todo"), HTMLInputElement);

  find(".add").addEventListener("submit", (event) => {
    event.preventDefault();
    const title = line(field.value);
    if (!title || !add(newId(), title)) return;
    field.value = "";
    drafts.drop(WHERE);
  });

  field.addEventListener("input", () => {
    const title = line(field.value);
    if (title) drafts.keep(WHERE, draft(opOf(addedTodo(newId(), { title }))));
    else drafts.drop(WHERE);
  });

  /**
   * Restores a draft of this field. `false` if it is not one, or if something else is typed here.
   * @param {string} where
   * @param {Entry} left
   */
  function take(where, left) {
    if (where !== WHERE || field.value) return false;
    field.value = left.words;
    field.dispatchEvent(new Event("input"));
    return true;
  }

  return { take };
}
