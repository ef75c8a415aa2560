// The page: puts its parts together, and turns what a person does into what is sent.

import { elapsed } from "./clock.js";
import { byId, find, say, shorten, text } from "./dom.js";
import { Drafts } from "./drafts.js";
import { deletion, draft, stepDeletion } from "./entry.js";
import { newId } from "./id.js";
import { list } from "./list.js";
import { follow } from "./live.js";
import { loading } from "./loading.js";
import { behind, between, makeRoom } from "./order.js";
import { Outbox } from "./outbox.js";
import { panel } from "./panel.js";
import { Parked } from "./parked.js";
import { parkedList } from "./parked_list.js";
import { parking } from "./parking.js";
import { Recent, TEXTS } from "./recent.js";
import { keeps } from "./storage.js";
import { Todos, keyOf } from "./todos.js";
import { TITLE_MAX, isLonger, line } from "./words.js";

/** How long a deletion can be undone; only then is it sent. */
const UNDO_MS = 7000;
/** A page that was opened so short ago takes up what was typed in its predecessor's field. */
const DRAFT_BACK_MS = 5000;

const outbox = new Outbox({ changed: draw, confirmed, refused, known });
const todos = new Todos(outbox);
const recent = new Recent();
const parked = new Parked(draw);
const rescue = parking(parked, outbox, recent, {
  todo: (id) => todos.get(id),
  holds: (todo, field, words) => (field === "title" ? rows : details).holds(todo, words),
  notice,
});
const drafts = new Drafts(takeDraft);
const drawParked = parkedList(parked, again);
const rows = list({ toggle, rename, restore: restoreTitle, titleDraft, park: parkTitle, remove, move, place, visible, drafts, left: draw, get: (id) => todos.get(id), open: (todo) => details.open(todo) });
const details = panel(
  {
    patch,
    removeStep,
    send,
    draft,
    restore: (todo, fields, steps) => again(rescue.whole(deletion(todo, fields, steps))),
    restoreStep: (todo, step) => again(stepDeletion(todo, todos.get(todo)?.title, step)),
    park: rescue.add,
    parkDeleted: (todo, fields, steps) => rescue.add(deletion(todo, fields, steps)),
    parkStep: (todo, step) => rescue.add(stepDeletion(todo, todos.get(todo)?.title, step)),
    get: (id) => todos.get(id),
    isNew: (id) => outbox.of(keyOf(id)).some((op) => op.method === "PUT" && !op.restores),
    isOwn: (id, field, words) => outbox.of(keyOf(id)).some((op) => op.body && field in op.body && (op.body[field] ?? null) === (words ?? null)),
    deletes: (id) => deletes(keyOf(id)),
    ops: () => outbox.byKey(),
    closed: (id) => rows.focus(id),
  },
  drafts,
);
const load = loading(todos, () => (checkRecent(), draw()));

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
  drawParked();
  byId("unkept").hidden = keeps();
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
  byId("loading").hidden ||= todos.loaded;
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
  const late = outbox.since + LATE_MS - elapsed();
  document.body.classList.toggle("late", late <= 0);
  clearTimeout(looking);
  if (late > 0 && late < Infinity) looking = setTimeout(sayIfLate, late);
}

function hint(words) {
  byId("hint").hidden = !words;
  text(byId("hint"), words ?? "");
}

/** What has happened without anything to decide. */
function notice(words) {
  byId("notice").hidden = !words;
  text(find("#notice p"), words ?? "");
}
find("#notice button").addEventListener("click", () => (notice(), byId("new-todo").focus()));

text(byId("unkept"), "This browser does not let the page store anything. Changes are not kept if you close this page before they are sent.");
addEventListener("beforeunload", (event) => {
  if (!keeps() && (outbox.size || drafts.size || parked.size)) event.preventDefault();
});

// What a person does

function send(op, hold) {
  return outbox.add(op, hold) || full();
}

function full() {
  hint("Too much waits to be sent already. Your last change was not taken; what you typed is still in its field.");
  return false;
}

/** `base` has the texts that the person saw when they began to change them. */
function patch(todo, body, base) {
  return send({ ...about(todo), method: "PATCH", body, base: textsOf(body, { ...todo, ...base }) });
}

const about = (todo) => ({ key: keyOf(todo.id), todo: todo.id, about: todo.title, path: `/todos/${todo.id}` });

/** What a change of these fields replaces; nothing if none is a text. */
function textsOf(fields, from) {
  const texts = TEXTS.filter((field) => field in fields);
  return texts.length ? Object.fromEntries(texts.map((field) => [field, from[field] ?? null])) : undefined;
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
  if (!send(newTodo(id, { title, ...(todos.loaded && { order: behind(todos.all()) }) }))) return;
  field.value = "";
  drafts.drop("new-todo");
});

const newTodo = (id, body) => ({ ...about({ id, title: body.title }), method: "PUT", body });

byId("new-todo").addEventListener("input", ({ target: { value } }) => {
  const title = line(value);
  if (title) drafts.keep("new-todo", draft(newTodo(newId(), { title })));
  else drafts.drop("new-todo");
});

function toggle(todo, completed) {
  patch(todo, { completed });
}

/** `false` if the words can't be kept. `base` is the title that the person saw. */
function rename(todo, words, base) {
  const title = line(words);
  if (!title) return remove(todo);
  if (isTooLong(title)) return false;
  hint();
  return title === todo.title || patch(todo, { title }, { title: base });
}

function titleDraft(todo, words, base) {
  return draft({ ...about(todo), method: "PATCH", body: { title: line(words) }, base: { title: base } });
}

function restoreTitle(todo, words) {
  const title = line(words);
  return !title || (!isTooLong(title) && again(rescue.whole(deletion(todo, { title }))));
}

function parkTitle(todo, entry, theirs) {
  if (theirs === null) rescue.add(deletion(todo, { title: entry.words }));
  else rescue.add({ ...entry, theirs, why: "Another window has changed it, too.", action: "Use mine" });
}

/** Stores parked words after all. `false` if they can't be kept. */
function again(entry) {
  for (const op of entry.again) {
    if (op.restores) todos.revive(op.key.slice(5)), details.revive(op.key.slice(5));
    if (!send(op)) return false;
  }
  return true;
}

/** A window was closed while somebody typed in it. */
function takeDraft(where, left) {
  const field = byId("new-todo");
  if (where !== "new-todo" || field.value || elapsed() > DRAFT_BACK_MS) return rescue.add(left);
  field.value = left.words;
  field.dispatchEvent(new Event("input"));
}

function remove(...gone) {
  details.keep();
  gone = gone.map((todo) => todos.get(todo.id) ?? todo);
  const batch = newId();
  const held = gone.filter((todo) => send({ ...about(todo), method: "DELETE", base: textsOf({ title: 0, notes: 0 }, todo), batch }, UNDO_MS));
  if (held.length) offerUndo(batch, held.length === 1 ? `Deleted “${shorten(held[0].title)}”` : `Deleted ${held.length.toLocaleString()} todos`);
  return held.length > 0;
}

function removeStep(step) {
  const batch = newId();
  const held = send({ key: `item:${step.id}`, todo: step.todo_id, about: step.title, method: "DELETE", path: `/items/${step.id}`, base: { title: step.title }, batch }, UNDO_MS);
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

function known(key) {
  const [kind, id] = key.split(":");
  return kind === "todo" ? todos.known(id) : details.known(id);
}

function confirmed(op, value) {
  const [kind, id] = op.key.split(":");
  if (op.method === "DELETE") {
    if (kind === "todo") todos.delete(id);
    else details.delete(id);
    return;
  }
  // It was carried out, and deleted by another window right after that.
  if (op.forgotten) return rescue.refused(op, { status: 404 });
  recent.wrote(op);
  if (kind === "todo") todos.answer(value);
  else details.answer(value);
}

function refused(op, error) {
  if (error.status === 404 && op.key.startsWith("todo:")) todoDeleted(op.todo, false);
  if (!details.refused(op, error)) rescue.refused(op, error);
}

function deletes(key) {
  return outbox.of(key).some((op) => op.method === "DELETE");
}

function todoDeleted(id, byMe) {
  const todo = todos.get(id) ?? todos.known(id);
  if (todo && !byMe) details.deleted(todo);
  rescue.deleted(todo ?? { id }, byMe);
  todos.delete(id);
}

function itemDeleted(id, todo) {
  rescue.stepDeleted(id, todo, deletes(`item:${id}`));
  details.delete(id);
}

function itemChanged(item) {
  details.put(item);
  rescue.changed(`item:${item.id}`, item, item.todo_id);
}

/** After everything was read anew, without the events between. */
function checkRecent() {
  for (const key of todos.loaded ? recent.keys() : []) {
    const [kind, id] = key.split(":");
    if (kind !== "todo") continue;
    if (todos.known(id)) rescue.changed(key, todos.known(id), id);
    else todoDeleted(id, false);
  }
}

let lost = false;
const told = {
  open: () => (lost = false, outbox.isLive(true), outbox.retry(), details.read()),
  lost: () => (lost = true, outbox.isLive(false)),
  reset: () => (load(), details.read()),
  "todo.created": (todo) => todos.create(todo),
  "todo.changed": (todo) => todos.put(todo) && rescue.changed(keyOf(todo.id), todo, todo.id),
  "todo.deleted": ({ id }) => todoDeleted(id, deletes(keyOf(id))),
  "item.created": (item) => details.put(item),
  "item.changed": itemChanged,
  "item.deleted": ({ id, todo_id }) => itemDeleted(id, todo_id),
};

// Both at once: what changes between the two answers is in neither, so the stream begins with `reset`, and all is read once
// more in the background.
load();
follow((name, data) => (told[name](data), draw()));

addEventListener("hashchange", draw);
draw();
