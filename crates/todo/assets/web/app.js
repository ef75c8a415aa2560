// The page: connects its parts, and turns a person's actions into requests.

import { Address } from "./address.js";
import { request } from "./api.js";
import { addedTodo, changeOfStep, deletedStep, deletedTodo, editedTodo, opOf } from "./change.js";
import { elapsed } from "./clock.js";
import { cover } from "./cover.js";
import { byId, find, message, plain, quote, say, text } from "./dom.js";
import { Drafts } from "./drafts.js";
import { deletion, draft, stepDeletion } from "./entry.js";
import { footer } from "./footer.js";
import { newId } from "./id.js";
import { UNDO_KEYS, isTyped, shortcut } from "./keys.js";
import { list } from "./list.js";
import { follow } from "./live.js";
import { loading } from "./loading.js";
import { mover } from "./move.js";
import { behind } from "./order.js";
import { Outbox } from "./outbox.js";
import { panel } from "./panel.js";
import { Parked } from "./parked.js";
import { parkedList } from "./parked_list.js";
import { parking } from "./parking.js";
import { Recent } from "./recent.js";
import { Restorer } from "./restore.js";
import "./screen.js";
import { keeps, whenKept } from "./storage.js";
import { toast } from "./toast.js";
import { Todos, keyOf } from "./todos.js";
import { Undo } from "./undo.js";
import { TITLE_MAX, isLonger, line } from "./words.js";

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
const drawParked = parkedList(parked, again, discarded);
const restorer = new Restorer({ todos, outbox, step: (...ids) => details.step(...ids), send });
const undo = new Undo({ current: (changes) => restorer.current(changes), carryOut: (changes) => restorer.carryOut(changes), told: undone });
const { move, place } = mover({ todos, visible, act, draw });
const address = new Address(draw);
const rows = list({ toggle, rename, restore: restoreTitle, titleDraft, park: parkTitle, remove, move, place, visible, drafts, left: draw, get: (id) => todos.get(id), open });
const details = panel(
  {
    patch,
    removeStep: (step) => act([deletedStep(step, todos.get(details.shown))]),
    send: (op) => act([changeOfStep(op, details.step(op.key.slice(5)))]),
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
    closed,
  },
  drafts,
);
const covers = cover(byId("panel"));
const foot = footer({ clear, mark });
const messages = toast({ left: () => (byId("panel").hidden ? find("h1") : byId("panel-title")).focus() });
const load = loading(todos, () => (checkRecent(), draw()));

// What is shown

const FILTERS = { active: (todo) => !todo.completed, completed: (todo) => todo.completed };
const isShown = (todo) => FILTERS[address.filter]?.(todo) ?? true;

function visible() {
  return todos.all().filter(isShown);
}

let drawing = false;
let drawn = 0;
/**
 * Schedules a drawing, at most one for each frame. After a slow drawing the next one waits longer.
 * A hidden window draws when it becomes visible.
 */
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
  drawParked();
  byId("unkept").hidden = keeps();
  foot.show(all, address.filter);
  find(".keys").hidden = all.length === 0;
  offer("undo", undo.last, "redo");
  offer("redo", undo.next, "undo");
  byId("empty").hidden = shown.length > 0 || !todos.loaded;
  byId("loading").hidden ||= todos.loaded;
  text(byId("empty"), all.length > 0 ? "Nothing here." : "Nothing to do. Write the first thing above, and press Enter.");
  const waiting = outbox.size;
  byId("away").hidden = !(outbox.away || lost);
  text(byId("away"), `The service does not answer. ${waiting ? `${waiting === 1 ? "One change is" : `${waiting.toLocaleString()} changes are`} kept here, and sent when it returns.` : "What you do is kept here, and sent when it returns."}`);
  sayIfLate();
}

/** Shows or hides the undo or redo button. Moves the focus away from a button that disappears. */
function offer(name, words, other) {
  const button = byId(name);
  button.title = words ? plain(words) : "";
  if (!words && document.activeElement === button) [byId(other), find("h1")].find((next) => !next.hidden).focus();
  button.hidden = !words;
}

const LATE_MS = 800;
let looking = 0;
/**
 * Marks unsent changes in the list, but only after `LATE_MS`. Why: most changes are sent before
 * anybody could read the mark.
 */
function sayIfLate() {
  const late = outbox.since + LATE_MS - elapsed();
  document.body.classList.toggle("late", late <= 0);
  clearTimeout(looking);
  if (late > 0 && late < Infinity) looking = setTimeout(sayIfLate, late);
}

function hint(words) {
  byId("hint").hidden = !words;
  message(byId("hint"), words ?? "");
  tellIfCovered(words);
}

/** Shows messages that need no decision. */
function notice(words) {
  byId("notice").hidden = !words;
  message(find("#notice p"), words ?? "");
  tellIfCovered(words);
}

/** On a small screen the panel covers messages above the list. */
function tellIfCovered(words) {
  if (words && find("main").inert) messages.tell(words), say(words);
}
find("#notice button").addEventListener("click", () => (notice(), byId("new-todo").focus()));

text(byId("unkept"), "This browser does not let the page store anything. Changes are not kept if you close this page before they are sent.");
whenKept(draw);
addEventListener("beforeunload", (event) => {
  if (!keeps() && (outbox.size || drafts.size || parked.size)) event.preventDefault();
});

// What a person does

function send(op) {
  return outbox.add(op) || full();
}

function full() {
  hint("Too many changes are waiting to be sent. Your last change was not made; what you typed is still in its field.");
  return false;
}

/** Sends changes and records them for undo. `false` if the outbox could not take all of them. */
function act(changes, { words, quiet } = {}) {
  const sent = changes.filter((change) => send(opOf(change)));
  if (!sent.length) return false;
  const entry = undo.did(sent, words);
  if (!quiet) {
    messages.tell(`${entry.words}.`, { undo: () => undo.undo(entry) });
    say(`${entry.words}. ${UNDO_KEYS} takes it back.`);
  }
  return sent.length === changes.length;
}

function patch(todo, fields, base) {
  return act([editedTodo(todo, fields, base)], { quiet: "notes" in fields });
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
  if (!act([addedTodo(id, fields)], { quiet: true })) return;
  field.value = "";
  drafts.drop("new-todo");
  drawNow();
  if (!rows.isInSight(id)) tellWhere(id, title);
});

/** Shows a new todo that is out of sight: further down, or hidden by the filter. */
function tellWhere(id, title) {
  const where = isShown(todos.get(id)) ? "at the end of the list" : "to All";
  messages.tell(`Added ${quote(title)} ${where}.`, { show: () => show(id) });
}

function show(id) {
  if (!isShown(todos.get(id) ?? {})) location.hash = "#/";
  drawNow();
  rows.reveal(id);
}

byId("new-todo").addEventListener("input", ({ target: { value } }) => {
  const title = line(value);
  if (title) drafts.keep("new-todo", draft(opOf(addedTodo(newId(), { title }))));
  else drafts.drop("new-todo");
});

function toggle(todo, completed) {
  patch(todo, { completed });
}

/**
 * Renames a todo. `base` is the title that the person saw. `false` if the outbox is full or the
 * title is too long.
 */
function rename(todo, words, base) {
  const title = line(words);
  if (!title) return remove(todo);
  if (isTooLong(title)) return false;
  hint();
  return title === todo.title || patch(todo, { title }, { title: base });
}

function titleDraft(todo, words, base) {
  return draft(opOf(editedTodo(todo, { title: line(words) }, { title: base })));
}

function restoreTitle(todo, words) {
  const title = line(words);
  return !title || (!isTooLong(title) && again(rescue.whole(deletion(todo, { title }))));
}

function parkTitle(todo, entry, theirs) {
  if (theirs === null) rescue.add(deletion(todo, { title: entry.words }));
  else rescue.add({ ...entry, theirs, why: "Another window has changed it, too.", action: "Use mine" });
}

/** Sends parked words again. `false` if the outbox is full. */
function again(entry) {
  for (const op of entry.again) {
    if (op.restores) revive(op.key);
    if (!send(op)) return false;
  }
  return true;
}

function discarded(entry) {
  messages.tell("Discarded.", { undo: () => parked.add(entry) });
}

function revive(key) {
  todos.revive(key.slice(5));
  details.revive(key.slice(5));
}

/**
 * Handles a draft of a window that ended while somebody typed in it. If this page follows that one
 * in the same tab, the draft of a new todo goes back into its field. Every other draft is parked.
 */
function takeDraft(where, left, follows) {
  // An emptied field has no words to rescue. The text that it held before is stored in the service.
  if (!left.words.trim()) return;
  const field = byId("new-todo");
  if (where !== "new-todo" || field.value || !follows) return rescue.add(left);
  field.value = left.words;
  field.dispatchEvent(new Event("input"));
}

function remove(...gone) {
  details.keep();
  return act(gone.map((todo) => deletedTodo(todos.get(todo.id) ?? todo)));
}

function clear() {
  remove(...todos.all().filter((todo) => todo.completed));
  byId("new-todo").focus();
}

function mark(completed) {
  act(todos.all().filter((todo) => todo.completed !== completed).map((todo) => editedTodo(todo, { completed })));
}

// Undo and redo

for (const name of ["undo", "redo"]) byId(name).addEventListener("click", () => undo[name]());
addEventListener("keydown", (event) => {
  const name = shortcut(event);
  // The browser's own undo works in a text field, also after the field was emptied.
  if (!name || (event.target.matches?.("input[type=text], textarea") && (event.target.value || isTyped(event.target)))) return;
  event.preventDefault();
  undo[name]();
});
addEventListener("focusout", () => undo.seal());
text(byId("undo-keys"), UNDO_KEYS);

function undone(words, keys) {
  messages.tell(words);
  say(words);
  drawNow();
  if (keys.length === 1 && byId("panel").hidden && !document.activeElement?.matches("input, textarea")) rows.reveal(keys[0].slice(5));
}

// The open todo

/** Opens the panel of a todo. The present panel stays open if its words cannot be stored. */
function open(todo) {
  details.open(todo);
  address.open(details.shown);
}

function closed(id) {
  covers();
  address.close();
  rows.focus(id);
}

/** Opens or closes the panel after Back, Forward, a reload or a link. */
function followAddress() {
  const id = address.todo;
  const todo = id && todos.get(id);
  if (todo) return open(todo);
  details.hide();
  if (details.shown) return address.open(details.shown);
  if (!id || !todos.loaded) return;
  address.close();
  hint("The todo at this address is not here any more.");
}

// What the service says

function known(key) {
  const [kind, id] = key.split(":");
  return kind === "todo" ? todos.known(id) : details.known(id);
}

function confirmed(op, value) {
  const [kind, id] = op.key.split(":");
  if (op.method === "DELETE") return deleted(op, kind, id);
  // The op was carried out, but another window deleted the todo right after it.
  if (op.forgotten) return rescue.refused(op, { status: 404 });
  recent.wrote(op);
  if (restorer.awaits(op.key)) revive(op.key);
  if (kind === "todo") todos.answer(value);
  else details.answer(value);
  // The event of another window's change may have arrived before this answer.
  const now = known(op.key);
  if (now) rescue.changed(op.key, now, op.todo);
}

/** This window deleted the object, so its words are not parked. */
function deleted(op, kind, id) {
  const anew = op.base?.created_at && known(op.key) && known(op.key).created_at !== op.base.created_at;
  if (anew) return;
  if (kind === "item") return recent.take(op.key), details.delete(id);
  recent.takeOf(id);
  todos.delete(id);
  undo.learned(op.key, op.kept ?? []);
  restorer.learned(op);
}

function refused(op, error) {
  restorer.forget(op.key);
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

/**
 * Checks recently stored words after everything was read again. Why: the events of the time in
 * between were missed.
 */
async function checkRecent() {
  restorer.forgetAll();
  for (const { key, todo } of todos.loaded ? recent.all() : []) {
    if (!todos.known(todo)) todoDeleted(todo, false);
    else if (key.startsWith("todo:")) rescue.changed(key, todos.known(todo), todo);
    else await checkStep(key.slice(5), todo);
  }
}

async function checkStep(id, todo) {
  try {
    const { value } = await request("GET", `/items/${id}`);
    rescue.changed(`item:${id}`, value, todo);
  } catch (error) {
    // If the service does not answer, the state of the step is unknown. The list is read again when
    // it answers.
    if (error.status === 404) rescue.stepDeleted(id, todo, false);
  }
}

let lost = false;
const told = {
  open: () => (lost = false, outbox.isLive(true), outbox.retry(), details.read()),
  lost: () => (lost = true, outbox.isLive(false)),
  reset: () => (load(), details.read()),
  "todo.created": (todo) => (restorer.forget(keyOf(todo.id)), todos.create(todo)),
  "todo.changed": (todo) => todos.put(todo) && rescue.changed(keyOf(todo.id), todo, todo.id),
  "todo.deleted": ({ id }) => restorer.awaits(keyOf(id)) || todoDeleted(id, deletes(keyOf(id))),
  "item.created": (item) => (restorer.forget(`item:${item.id}`), details.create(item)),
  "item.changed": itemChanged,
  "item.deleted": ({ id, todo_id }) => restorer.awaits(`item:${id}`) || itemDeleted(id, todo_id),
};

// Reads the list and opens the stream at the same time. A change between the two answers is in
// neither of them. So the stream begins with `reset`, and everything is read again in the
// background.
load();
follow((name, data) => (told[name](data), draw()));

draw();
