// The page of the lab: one card for each experiment. One experiment runs at a time.

import { Refused, run } from "./stream.js";
import { Timeline, element } from "./timeline.js";

const cards = [...document.querySelectorAll("[data-experiment]")].map((root) => new Card(root));
const all = document.getElementById("all");
let running;

function Card(root) {
  const part = (name) => root.querySelector(`.${name}`);
  Object.assign(this, {
    name: root.dataset.experiment,
    button: part("run"),
    progress: part("progress"),
    // Screen readers read the sentences out when they arrive, but not the numbers.
    said: part("said"),
    result: part("result"),
    timeline: new Timeline(part("timeline")),
  });
  this.button.addEventListener("click", () => (running?.card === this ? running.stop() : start([this])));
}

all.addEventListener("click", () => (running ? running.stop() : start(cards)));

/** Runs the experiments of these cards, one after the other. */
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

/** Runs one experiment. Returns whether it came to its end. */
async function one(card, signal) {
  const { timeline, progress, said, result } = card;
  const settings = { scale: Number(document.getElementById("scale").value) };
  const users = document.getElementById("users").valueAsNumber;
  if (card.name === "crowd" && Number.isFinite(users)) settings.users = users;
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
          progress.textContent = `${event.what}: ${event.done.toLocaleString("en")} of ${event.of.toLocaleString("en")}`;
          break;
        case "done": ended = true; finish(card, event.report); break;
        case "failed": throw new Refused(event.detail);
        default: timeline.tell(event);
      }
    });
    if (!ended) throw new Error("it ended without a result");
    progress.textContent = "";
  } catch (error) {
    timeline.stop();
    progress.textContent = signal.aborted ? "Stopped." : "";
    if (!signal.aborted) said.append(element("p", "problem", `The experiment failed: ${error.message}`));
  }
  return ended;
}

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
