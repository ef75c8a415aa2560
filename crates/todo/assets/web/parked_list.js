// The list of parked words: a person copies them, tries again, or discards them. See `parked.js`.

import { byId, el, find, message, once, say, text } from "./dom.js";
import { copyText } from "./editor.js";

/** The largest number of entries that are shown at once. */
const SHOWN_MAX = 50;

/**
 * `again(entry)` sends an entry, or returns `false` if the outbox is full. `discarded(entry)`
 * offers to bring it back.
 */
export function parkedList(parked, again, discarded) {
  const root = byId("parked");
  const heading = root.querySelector("h2");
  const list = root.querySelector("ul");
  const more = root.querySelector(".more");
  const rows = new Map();

  function row(name, entry) {
    const act = (words, onclick) => el("button", { type: "button", onclick: once(onclick) }, words);
    const end = (words) => {
      const next = rows.get(name).nextElementSibling ?? rows.get(name).previousElementSibling;
      parked.remove(name);
      say(words);
      (next?.querySelector("button") ?? find(".new-todo")).focus();
    };
    const retry = act(entry.action, () => again(entry) !== false && end("Sending it again."));
    const copy = act("Copy", async () => (await copyText(entry.words), say("Copied."), text(copy, "Copied")));
    const discard = act(entry.theirs ? "Keep theirs" : "Discard", () => (end("Discarded."), discarded(entry)));
    const what = el("strong", { dir: "auto" });
    message(what, entry.what);
    return el(
      "li",
      null,
      el("p", { class: "what" }, what, ` ${entry.why}`),
      entry.words && el("blockquote", { dir: "auto", tabindex: 0, "aria-label": "Your text" }, entry.words),
      entry.theirs && el("p", { class: "what" }, "Theirs:"),
      entry.theirs && el("blockquote", { dir: "auto", tabindex: 0, "aria-label": "Their text" }, entry.theirs),
      el("p", { class: "choices" }, entry.again.length ? retry : null, entry.words && copy, discard),
    );
  }

  return function draw() {
    const all = parked.all();
    const shown = all.slice(0, SHOWN_MAX);
    root.hidden = all.length === 0;
    text(heading, all.length === 1 ? "One change was not saved" : `${all.length.toLocaleString()} changes were not saved`);
    const stay = new Set(shown.map(([name]) => name));
    for (const [name, node] of rows) if (!stay.has(name)) node.remove(), rows.delete(name);
    for (const [name, entry] of shown) {
      if (rows.has(name)) continue;
      rows.set(name, row(name, entry));
      list.append(rows.get(name));
    }
    more.hidden = all.length <= SHOWN_MAX;
    text(more, `${(all.length - SHOWN_MAX).toLocaleString()} more are shown when these are gone.`);
  };
}
