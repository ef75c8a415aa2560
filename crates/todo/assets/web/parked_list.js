// The list of parked words: a person copies them, tries again, or discards them. See `parked.js`.

/** @import { Parked } from "./parked.js" */
/** @import { Entry } from "./types" */

import { byId, el, find, message, once, say, text } from "./dom.js";
import { copyText } from "./editor.js";

/** The largest number of entries that are shown at once. */
const SHOWN_MAX = 50;

/**
 * `again` returns `false` if the words can't be kept. `discarded` can bring them back.
 * @param {Parked} parked
 * @param {(entry: Entry) => boolean} again
 * @param {(entry: Entry) => void} discarded
 */
export function parkedList(parked, again, discarded) {
  const root = byId("parked");
  const heading = find("h2", root);
  const list = find("ul", root);
  const more = find(".more", root);
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();

  /** @param {string} name @param {Entry} entry */
  function row(name, entry) {
    /** @param {string} words @param {() => unknown} act */
    const button = (words, act) => el("button", { type: "button", onclick: once(act) }, words);
    const end = (/** @type {string} */ words) => {
      const next = node.nextElementSibling ?? node.previousElementSibling;
      parked.remove(name);
      say(words);
      (next?.querySelector("button") ?? find(".new-todo")).focus();
    };
    const retry = button(entry.action, () => again(entry) !== false && end("Sending it again."));
    const copy = button("Copy", async () => (await copyText(entry.words), say("Copied."), text(copy, "Copied")));
    const discard = button(entry.theirs ? "Keep theirs" : "Discard", () => (end("Discarded."), discarded(entry)));
    const what = el("strong", { dir: "auto" });
    message(what, entry.what);
    const node = el(
      "li",
      null,
      el("p", { class: "what" }, what, ` ${entry.why}`),
      entry.words && el("blockquote", { dir: "auto", tabindex: 0, "aria-label": "Your text" }, entry.words),
      entry.theirs && el("p", { class: "what" }, "Theirs:"),
      entry.theirs && el("blockquote", { dir: "auto", tabindex: 0, "aria-label": "Their text" }, entry.theirs),
      el("p", { class: "choices" }, entry.again.length ? retry : null, entry.words ? copy : null, discard),
    );
    return node;
  }

  return function draw() {
    const all = parked.all();
    const shown = all.slice(0, SHOWN_MAX);
    root.hidden = all.length === 0;
    const many = `${all.length.toLocaleString()} changes were not saved`;
    text(heading, all.length === 1 ? "One change was not saved" : many);
    const stay = new Set(shown.map(([name]) => name));
    for (const [name, node] of rows) if (!stay.has(name)) node.remove(), rows.delete(name);
    for (const [name, entry] of shown) {
      if (rows.has(name)) continue;
      const node = row(name, entry);
      rows.set(name, node);
      list.append(node);
    }
    more.hidden = all.length <= SHOWN_MAX;
    text(more, `${(all.length - SHOWN_MAX).toLocaleString()} more are shown when these are gone.`);
  };
}
