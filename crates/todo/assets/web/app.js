// The page: puts its parts together, and turns what a person does into what is sent.

import { Address } from "./address.js";
import { added, changeOf, deleted, edited, opOf } from "./change.js";
import { cover } from "./cover.js";
import { byId, find, message, plain, quote, say, text } from "./dom.js";
import { footer } from "./footer.js";
import { newId } from "./id.js";
import { UNDO_KEYS, shortcut } from "./keys.js";
import { list } from "./list.js";
import { follow } from "./live.js";
import { mover } from "./move.js";
import { behind } from "./order.js";
import { Outbox } from "./outbox.js";
import { panel } from "./panel.js";
import { Restorer } from "./restore.js";
import "./screen.js";
import { toast } from "./toast.js";
import { Todos, keyOf } from "./todos.js";
import { Undo } from "./undo.js";
import { TITLE_MAX, isLonger, line } from "./words.js";

const outbox = new Outbox({ changed: draw, confirmed, refused });
const todos = new Todos(outbox);
const restorer = new Restorer({ todos, outbox, step: (...ids) => details.step(...ids), send });
const undo = new Undo({ current: (changes) => restorer.current(changes), carryOut: (changes) => restorer.carryOut(changes), told: toldOf });
const { move, place } = mover({ todos, visible, act, draw });
const address = new Address(draw);
const rows = list({ toggle, rename, remove, move, place, visible, open });
const details = panel({
  patch,
  removeStep: (step) => act([deleted(`item:${step.id}`, step)]),
  send: (op) => act([changeOf(op, details.step(op.key.slice(5)))]),
  get: (id) => todos.get(id),
  isNew: (id) => outbox.of(keyOf(id)).some((op) => op.method === "PUT"),
  ops: () => outbox.byKey(),
  closed,
});
const covers = cover(byId("panel"));
const foot = footer({ clear: () => clearCompleted(), mark });
const notice = toast({ left: () => byId("panel").hidden ? find("h1").focus() : byId("panel-title").focus() });

// What is shown

const FILTERS = { active: (todo) => !todo.completed, completed: (todo) => todo.completed };
const isShown = (todo) => FILTERS[address.filter]?.(todo) ?? true;

function visible() {
  return todos.all().filter(isShown);
}

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
  const shown = all.filter(isShown);
  rows.show(shown);
  if (details.shown !== address.todo) followAddress();
  details.update();
  foot.show(all, address.filter);
  find(".keys").hidden = all.length === 0;
  offer("undo", undo.last, "redo");
  offer("redo", undo.next, "undo");
  byId("empty").hidden = shown.length > 0 || !todos.loaded;
  text(byId("empty"), all.length > 0 ? "Nothing here." : "Nothing to do. Write the first thing above, and press Enter.");
  const waiting = outbox.size;
  byId("away").hidden = !(outbox.away || lost);
  text(byId("away"), `The service does not answer. ${waiting ? `${waiting === 1 ? "One change is" : `${waiting.toLocaleString()} changes are`} kept here, and sent when it returns.` : "What you do is kept here, and sent when it returns."}`);
  sayIfLate();
}

/** The focus passes on from a button that is not needed any more. */
function offer(name, words, other) {
  const button = byId(name);
  button.title = words ? plain(words) : "";
  if (!words && document.activeElement === button) [byId(other), find("h1")].find((next) => !next.hidden).focus();
  button.hidden = !words;
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
  message(byId("hint"), words ?? "");
}

// What a person does

function send(op) {
  return outbox.add(op) || full();
}

/** Sends what a person does, and remembers how it was before: whether all of it is kept. */
function act(changes, { words, quiet } = {}) {
  const sent = changes.filter((change) => send(opOf(change)));
  if (!sent.length) return false;
  const entry = undo.did(sent, words);
  if (!quiet) tellDone(entry);
  return sent.length === changes.length;
}

function tellDone(entry) {
  const { words } = entry;
  notice.tell(`${words}.`, { undo: () => undo.undo(entry) });
  say(`${words}. ${UNDO_KEYS} takes it back.`);
}

function full() {
  hint("Too much waits to be sent already. Your last change was not kept.");
  return false;
}

function patch(todo, body) {
  return act([edited(keyOf(todo.id), todo, body)], { quiet: "notes" in body });
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
  const fields = { title, ...(todos.loaded && { order: behind(todos.all()) }) };
  if (!act([added(keyOf(id), fields)], { quiet: true })) return;
  field.value = "";
  drawNow();
  if (!rows.isInSight(id)) tellWhere(id, title);
});

/** A new todo may be out of sight: further down, or not among those that are shown. */
function tellWhere(id, title) {
  const where = isShown(todos.get(id)) ? "at the end of the list" : "to All";
  notice.tell(`Added ${quote(title)} ${where}.`, { show: () => show(id) });
}

function show(id) {
  if (!isShown(todos.get(id) ?? {})) location.hash = "#/";
  drawNow();
  rows.reveal(id);
}

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
  return act(gone.map((todo) => deleted(keyOf(todo.id), todo)));
}

function clearCompleted() {
  remove(...todos.all().filter((todo) => todo.completed));
  byId("new-todo").focus();
}

function mark(completed) {
  act(todos.all().filter((todo) => todo.completed !== completed).map((todo) => edited(keyOf(todo.id), todo, { completed })));
}

// What is undone

function toldOf(words, keys) {
  notice.tell(words);
  say(words);
  drawNow();
  if (keys.length === 1 && byId("panel").hidden && !document.activeElement?.matches("input, textarea")) rows.reveal(keys[0].slice(5));
}

for (const name of ["undo", "redo"]) byId(name).addEventListener("click", () => undo[name]());
addEventListener("keydown", (event) => {
  const name = shortcut(event);
  // What is typed has an undo of its own.
  if (!name || (event.target.matches?.("input[type=text], textarea") && event.target.value)) return;
  event.preventDefault();
  undo[name]();
});
addEventListener("focusout", () => undo.seal());

// What is open

function open(todo) {
  address.open(todo.id);
  details.open(todo);
}

function closed(id) {
  covers();
  address.close();
  rows.focus(id);
}

/** After Back, Forward, a reload or a link. */
function followAddress() {
  const id = address.todo;
  const todo = id && todos.get(id);
  if (todo) return void details.open(todo);
  if (details.shown) details.hide();
  if (!id || !todos.loaded) return;
  address.close();
  hint("The todo at this address is not here any more.");
}

// What the service says

function confirmed(op, value) {
  const [kind, id] = op.key.split(":");
  if (kind === "todo") {
    if (op.method === "DELETE") todos.delete(id), undo.learned(op.key, op.kept ?? []), restorer.learned(op);
    else if (restorer.awaits(op.key)) todos.create(value);
    else todos.put(value);
  } else if (op.method === "DELETE") details.delete(id);
  else if (restorer.awaits(op.key)) details.create(value);
  else details.put(value);
}

function refused(op, error) {
  restorer.forget(op.key);
  if (error.status === 404) return op.key.startsWith("todo:") ? todos.delete(op.key.slice(5)) : undefined;
  const title = op.body?.title;
  if (op.method === "PUT" && op.key.startsWith("todo:") && !byId("new-todo").value) byId("new-todo").value = title;
  details.refused(op, error);
  hint(`${title ? quote(title) : "That"} was not saved: ${error.message}`);
}

let lost = false;
const told = {
  open: () => (lost = false, outbox.retry(), details.read()),
  lost: () => (lost = true),
  reset: () => {
    restorer.forgetAll();
    todos.read(draw).catch(() => setTimeout(told.reset, 2000));
    details.read();
  },
  "todo.created": (todo) => (restorer.forget(keyOf(todo.id)), todos.create(todo)),
  "todo.changed": (todo) => todos.put(todo),
  "todo.deleted": ({ id }) => restorer.isBack(keyOf(id)) || (todos.delete(id), outbox.forget(keyOf(id))),
  "item.created": (item) => (restorer.forget(`item:${item.id}`), details.create(item)),
  "item.changed": (item) => details.put(item),
  "item.deleted": ({ id }) => restorer.isBack(`item:${id}`) || (details.delete(id), outbox.forget(`item:${id}`)),
};

follow((name, data) => (told[name](data), draw()));

text(byId("undo-keys"), UNDO_KEYS);
draw();
