// One step of a checklist.

import { el } from "./dom.js";

/** `act` has `change(step, fields)`, `rename(step, title)`, `remove(step)` and `done()`. */
export function step(first, act) {
  let step = first;
  let began = "";
  const toggle = el("input", { type: "checkbox", class: "toggle", onchange: () => act.change(step, { completed: toggle.checked }) });
  const what = el("textarea", { rows: 1, class: "what", dir: "auto", "aria-label": "Step", enterkeyhint: "done" });
  const destroy = el("button", { type: "button", class: "destroy", title: "Delete", onclick: () => act.remove(step) }, "×");
  const node = el("li", null, el("label", { class: "tick" }, toggle), what, destroy);

  what.addEventListener("focus", () => (began = what.value));
  what.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      what.blur();
      if (node.isConnected && document.activeElement !== what) act.done();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      what.value = began;
      toggle.focus();
    }
  });
  what.addEventListener("blur", () => {
    // Where nothing was typed, what another has made of it meanwhile stays.
    if (what.value === began || act.rename(step, what.value) !== false) update(step);
    else what.focus();
  });

  function update(now) {
    step = now;
    node.className = [now.completed && "done", now.pending && "pending"].filter(Boolean).join(" ");
    toggle.checked = now.completed;
    // Whoever types goes on typing.
    if (document.activeElement !== what) what.value = now.title;
    toggle.setAttribute("aria-label", `Done: ${now.title}`);
    destroy.setAttribute("aria-label", `Delete ${now.title}`);
  }
  update(step);
  return { node, update };
}
