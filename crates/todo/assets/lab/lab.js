// The page of the lab: one card for each experiment. One experiment runs at a time.

/** @import { Report, Settings, Table } from "./types" */

import { element, find } from "./dom.js";
import { Refused, run } from "./stream.js";
import { Timeline } from "./timeline.js";

class Card {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.name = root.dataset.experiment ?? "";
    this.button = find(".run", HTMLButtonElement, root);
    this.progress = find(".progress", HTMLElement, root);
    // What was seen is read out when it comes; the numbers are there for who looks them up.
    this.said = find(".said", HTMLElement, root);
    this.result = find(".result", HTMLElement, root);
    this.timeline = new Timeline(find(".timeline", HTMLElement, root));
    this.button.addEventListener("click", () => (running?.card === this ? running.stop() : start([this])));
  }
}

/** @type {NodeListOf<HTMLElement>} */
const roots = document.querySelectorAll("[data-experiment]");
const cards = Array.from(roots, (root) => new Card(root));
const all = find("#all", HTMLButtonElement);
const scale = find("#scale", HTMLSelectElement);
const users = find("#users", HTMLInputElement);
/** @type {{ stop: () => void, card?: Card } | undefined} */
let running;

all.addEventListener("click", () => (running ? running.stop() : start(cards)));

/**
 * Runs these, one after the other.
 * @param {Card[]} wanted
 */
async function start(wanted) {
  if (running) return;
  const control = new AbortController();
  running = { stop: () => control.abort() };
  for (const card of wanted) {
    if (control.signal.aborted) break;
    running.card = card;
    show();
    if (!await one(card, control.signal)) break;
  }
  running = undefined;
  show();
}

/**
 * Whether it came to its end.
 * @param {Card} card @param {AbortSignal} signal
 */
async function one(card, signal) {
  const { timeline, progress, said, result } = card;
  /** @type {Settings} */
  const settings = { scale: Number(scale.value) };
  if (card.name === "crowd" && Number.isFinite(users.valueAsNumber)) settings.users = users.valueAsNumber;
  timeline.clear(0);
  said.replaceChildren();
  result.replaceChildren();
  progress.textContent = "Starting…";
  let ended = false;
  try {
    await run(card.name, settings, signal, (event) => {
      switch (event.event) {
        case "started": timeline.clear(event.horizon); break;
        case "progress":
          progress.textContent = `${event.what}: ${count(event.done)} of ${count(event.of)}`;
          break;
        case "done": ended = true; finish(card, event.report); break;
        case "failed": throw new Refused(event.detail);
        case "figure": break;
        default: timeline.tell(event);
      }
    });
    if (!ended) throw new Error("it ended without a result");
    progress.textContent = "";
  } catch (error) {
    timeline.stop();
    progress.textContent = signal.aborted ? "Stopped." : "";
    const why = error instanceof Error ? error.message : error;
    if (!signal.aborted) said.append(element("p", "problem", `The experiment failed: ${why}`));
  }
  return ended;
}

const count = (/** @type {number} */ number) => number.toLocaleString("en");

/** @param {Card} card @param {Report} report */
function finish(card, report) {
  card.timeline.finish(report.timeline);
  card.said.append(...report.said.map((sentence) => element("p", "", sentence)));
  card.result.append(table(report.table));
  if (report.ledger.length) {
    const more = element("details");
    const list = element("ul");
    list.append(...report.ledger.map((line) => element("li", "", line)));
    more.append(element("summary", "", "What the ledger says of it"), list);
    card.result.append(more);
  }
}

/** @param {Table} table */
function table({ columns, rows, note }) {
  const frame = element("div", "scrolling");
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "The numbers");
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const column of columns) head.append(scope(element("th", "", column), "col"));
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    const [first, ...others] = row;
    line.append(scope(element("th", "", first), "row"));
    for (const cell of others) line.append(element("td", /^\d/.test(cell) ? "number" : "", cell));
  }
  frame.append(made);
  if (note) frame.append(element("p", "footnote", note));
  return frame;
}

/** @param {HTMLTableCellElement} cell @param {string} value */
function scope(cell, value) {
  cell.scope = value;
  return cell;
}

/** Updates the labels of the buttons to what they would do now. */
function show() {
  for (const card of cards) {
    const mine = running?.card === card;
    card.button.textContent = mine ? "Stop" : "Run";
    card.button.setAttribute("aria-label", `${card.button.textContent} ${card.name}`);
    card.button.disabled = Boolean(running) && !mine;
  }
  all.textContent = running ? "Stop" : "Run all six";
}

addEventListener("resize", () => {
  for (const card of cards) card.timeline.drawNow();
});
show();
