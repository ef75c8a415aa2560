// The page: puts its parts together, and turns what a person does into what is sent.

import { byId, find, say, shorten, text } from "./dom.js";
import { newId } from "./id.js";
import { list } from "./list.js";
import { follow } from "./live.js";
import { behind, between, makeRoom } from "./order.js";
import { Outbox } from "./outbox.js";
import { panel } from "./panel.js";
import { Todos, keyOf } from "./todos.js";
import { TITLE_MAX, isLonger, line } from "./words.js";

/** How long a deletion can be undone; only then is it sent. */
const UNDO_MS = 7000;

const outbox = new Outbox({ changed: draw, confirmed, refused });
const todos = new Todos(outbox);
const rows = list({ toggle, rename, remove, move, place, visible, open: (todo) => details.open(todo) });
const details = panel({
  patch,
  removeStep,
  send,
  get: (id) => todos.get(id),
  isNew: (id) => outbox.of(keyOf(id)).some((op) => op.method === "PUT"),
  ops: () => outbox.byKey(),
  closed: (id) => rows.focus(id),
});

// What is shown

const FILTERS = { "#/active": (todo) => !todo.completed, "#/completed": (todo) => todo.completed };

function visible() {
  return todos.all().filter(FILTERS[location.hash] ?? (() => true));
}

const footer = find(".footer");
const count = footer.querySelector(".todo-count");
const clear = footer.querySelector(".clear-completed");
const filters = footer.querySelectorAll(".filters a");
const keys = find(".keys");

let drawing = false;
let drawn = 0;
/** Once a frame, however much has come by then; less often where it takes long; in a window that is not seen, when it is. */
function draw() {
  if (drawing) return;
  drawing = true;
  setTimeout(() => requestAnimationFrame(() => {
    drawing = false;
    const began = performance.now();
    drawNow();
    const took = performance.now() - began;
    drawn = took > 8 ? performance.now() + 6 * took : 0;
  }), Math.max(0, drawn - performance.now()));
}

function drawNow() {
  const all = todos.all();
  const left = all.filter((todo) => !todo.completed).length;
  const shown = all.filter(FILTERS[location.hash] ?? (() => true));
  rows.show(shown);
  details.update();
  const some = all.length > 0;
  footer.hidden = keys.hidden = byId("toggle-all").hidden = !some;
  byId("toggle-all").checked = some && left === 0;
  count.replaceChildren(Object.assign(document.createElement("strong"), { textContent: left.toLocaleString() }), ` ${left === 1 ? "item" : "items"} left`);
  clear.hidden = left === all.length;
  for (const link of filters) {
    const here = link.getAttribute("href") === (FILTERS[location.hash] ? location.hash : "#/");
    link.classList.toggle("selected", here);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("empty").hidden = shown.length > 0 || !todos.loaded;
  text(byId("empty"), some ? "Nothing here." : "Nothing to do. Write the first thing above, and press Enter.");
  const waiting = outbox.size;
  byId("away").hidden = !(outbox.away || lost);
  text(byId("away"), `The service does not answer. ${waiting ? `${waiting === 1 ? "One change is" : `${waiting.toLocaleString()} changes are`} kept here, and sent when it returns.` : "What you do is kept here, and sent when it returns."}`);
  sayIfLate();
}

const LATE_MS = 800;
let looking = 0;
/** Most changes are sent before anybody could read that they are not. */
function sayIfLate() {
  const late = outbox.since + LATE_MS - Date.now();
  document.body.classList.toggle("late", late <= 0);
  clearTimeout(looking);
  if (late > 0 && late < Infinity) looking = setTimeout(sayIfLate, late);
}

function hint(words) {
  byId("hint").hidden = !words;
  text(byId("hint"), words ?? "");
}

// What a person does

function send(op, hold) {
  return outbox.add(op, hold) || full();
}

function full() {
  hint("Too much waits to be sent already. Your last change was not kept.");
  return false;
}

function patch(todo, body) {
  return send({ key: keyOf(todo.id), method: "PATCH", path: `/todos/${todo.id}`, body });
}

function isTooLong(title) {
  if (!isLonger(title, TITLE_MAX)) return false;
  hint(`A title has at most ${TITLE_MAX} characters; this has ${[...title].length.toLocaleString()}. Shorten it, or put it into the notes.`);
  return true;
}

find(".add").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byId("new-todo");
  const title = line(field.value);
  if (!title || isTooLong(title)) return;
  const id = newId();
  hint();
  if (send({ key: keyOf(id), method: "PUT", path: `/todos/${id}`, body: { title, ...(todos.loaded && { order: behind(todos.all()) }) } })) field.value = "";
});

function toggle(todo, completed) {
  patch(todo, { completed });
}

/** `false` if the words can't be kept. */
function rename(todo, words) {
  const title = line(words);
  if (!title) return remove(todo);
  if (isTooLong(title)) return false;
  hint();
  return title === todo.title || patch(todo, { title });
}

function remove(...gone) {
  const batch = newId();
  const held = gone.filter(({ id }) => send({ key: keyOf(id), method: "DELETE", path: `/todos/${id}`, batch }, UNDO_MS));
  if (held.length) offerUndo(batch, held.length === 1 ? `Deleted “${shorten(held[0].title)}”` : `Deleted ${held.length.toLocaleString()} todos`);
  return held.length > 0;
}

function removeStep(step) {
  const batch = newId();
  const held = send({ key: `item:${step.id}`, method: "DELETE", path: `/items/${step.id}`, batch }, UNDO_MS);
  if (held) offerUndo(batch, `Deleted “${shorten(step.title)}”`);
}

/** Deletions that are not sent yet, the last of which is offered. */
const undoable = [];
function offerUndo(batch, words) {
  const deletion = { batch, words };
  undoable.push(deletion);
  offerLast();
  say(`${words}. Control Z takes it back.`);
  setTimeout(() => withdraw(deletion), UNDO_MS - 200);
}

function offerLast() {
  byId("toast").hidden = !undoable.length;
  if (undoable.length) text(byId("toast-words"), undoable.at(-1).words);
}

function withdraw(deletion) {
  const at = undoable.indexOf(deletion);
  if (at < 0) return false;
  undoable.splice(at, 1);
  offerLast();
  return true;
}

function undo() {
  const last = undoable.at(-1);
  if (!last || !withdraw(last)) return;
  const back = outbox.drop((op) => op.batch === last.batch);
  if (back) say(back === 1 ? "It is back." : `${back} are back.`);
}

find(".undo").addEventListener("click", undo);
addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input[type=text], textarea");
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && undoable.length && !(typing && event.target.value)) event.preventDefault(), undo();
});

clear.addEventListener("click", () => {
  remove(...todos.all().filter((todo) => todo.completed));
  byId("new-todo").focus();
});

byId("toggle-all").addEventListener("change", (event) => {
  const completed = event.target.checked;
  for (const todo of todos.all()) if (todo.completed !== completed) patch(todo, { completed });
});

function move(todo, by) {
  const shown = visible();
  const from = shown.findIndex((other) => other.id === todo.id);
  const to = from + by;
  if (to < 0 || to >= shown.length) return say(by < 0 ? "It is the first." : "It is the last.");
  const [above, below] = by < 0 ? [shown[to - 1], shown[to]] : [shown[to], shown[to + 1]];
  place(todo.id, above?.id, below?.id);
  say(`${shorten(todo.title)}: ${to + 1} of ${shown.length}`);
}

/** Between two others, of which either may be missing. */
function place(id, above, below) {
  const todo = todos.get(id);
  // Where the service is to find a place for one, there is none beside it yet.
  if ([above, below].some((other) => other && !Number.isFinite(todos.get(other)?.order))) return draw();
  const order = between(above && todos.get(above), below && todos.get(below));
  if (!todo) return draw();
  if (order !== null) return void patch(todo, { order });
  // No number fits between the two any more.
  const all = todos.all().filter((other) => other.id !== id);
  const at = all.findIndex((other) => other.id === above) + 1;
  all.splice(at, 0, todo);
  for (const [other, order] of makeRoom(all, at)) patch(other, { order });
}

// What the service says

function confirmed(op, value) {
  const [kind, id] = op.key.split(":");
  if (kind === "todo") {
    if (op.method === "DELETE") todos.delete(id);
    else todos.put(value);
  } else if (op.method === "DELETE") details.delete(id);
  else details.put(value);
}

function refused(op, error) {
  if (error.status === 404) return op.key.startsWith("todo:") ? todos.delete(op.key.slice(5)) : undefined;
  const title = op.body?.title;
  if (op.method === "PUT" && op.key.startsWith("todo:") && !byId("new-todo").value) byId("new-todo").value = title;
  details.refused(op, error);
  hint(`${title ? `“${shorten(title)}”` : "That"} was not saved: ${error.message}`);
}

let lost = false;
const told = {
  open: () => (lost = false, outbox.retry(), details.read()),
  lost: () => (lost = true),
  reset: () => {
    todos.read(draw).catch(() => setTimeout(told.reset, 2000));
    details.read();
  },
  "todo.created": (todo) => todos.create(todo),
  "todo.changed": (todo) => todos.put(todo),
  "todo.deleted": ({ id }) => (todos.delete(id), outbox.forget(keyOf(id))),
  "item.created": (item) => details.put(item),
  "item.changed": (item) => details.put(item),
  "item.deleted": ({ id }) => (details.delete(id), outbox.forget(`item:${id}`)),
};

follow((name, data) => (told[name](data), draw()));

addEventListener("hashchange", draw);
draw();
