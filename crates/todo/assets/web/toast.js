// What has just happened, with what can be done about it. It goes by itself, and what it offers stays elsewhere.

import { byId, message } from "./dom.js";

const SHOWN_MS = 20_000;

/** `left()` finds a place for the focus. */
export function toast({ left }) {
  const root = byId("toast");
  const buttons = { undo: root.querySelector(".undo"), show: root.querySelector(".show") };
  let timer = 0;
  let acts = {};
  for (const name of Object.keys(buttons)) buttons[name].addEventListener("click", () => (hide(), acts[name]()));
  root.querySelector(".dismiss").addEventListener("click", hide);
  root.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), hide()));

  /** `acts` may have `undo()`, which takes back what the words tell, and `show()`, which shows what they are about. */
  function tell(words, offered = {}) {
    const focused = root.contains(document.activeElement);
    acts = offered;
    message(byId("toast-words"), words);
    for (const [name, button] of Object.entries(buttons)) button.hidden = !acts[name];
    root.hidden = false;
    if (focused && !document.activeElement.checkVisibility()) left();
    later();
  }

  /** Not while somebody reads it or is about to use it. */
  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => (root.matches(":hover, :focus-within") ? later() : hide()), SHOWN_MS);
  }

  function hide() {
    clearTimeout(timer);
    const focused = root.contains(document.activeElement);
    root.hidden = true;
    if (focused) left();
  }

  return { tell, hide };
}
