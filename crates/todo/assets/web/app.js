// The page: connects its parts, and turns a person's actions into requests.

/** @import { Change, Entry, Fields, ListActs, NewOp, PanelActs, Texts, Todo } from "./types" */

import { Address } from "./address.js";
import { addedTodo, changeOfStep, deletedStep, deletedTodo, editedTodo, opOf } from "./change.js";
import { cover } from "./cover.js";
import { byId, find, quote, say } from "./dom.js";
import { Drafts } from "./drafts.js";
import { deletion, draft, stepDeletion } from "./entry.js";
import { footer } from "./footer.js";
import { UNDO_KEYS } from "./keys.js";
import { list } from "./list.js";
import { follow } from "./live.js";
import { loading } from "./loading.js";
import { mover } from "./move.js";
import { newTodo } from "./new_todo.js";
import { notices } from "./notices.js";
import { behind } from "./order.js";
import { Outbox } from "./outbox.js";
import { panel } from "./panel.js";
import { Parked } from "./parked.js";
import { parkedList } from "./parked_list.js";
import { parking } from "./parking.js";
import { Recent } from "./recent.js";
import { reconciler } from "./reconcile.js";
import { Restorer } from "./restore.js";
import "./screen.js";
import { status } from "./status.js";
import { keeps, whenKept } from "./storage.js";
import { toast } from "./toast.js";
import { Todos, keyOf } from "./todos.js";
import { Undo } from "./undo.js";
import { undoButtons } from "./undo_buttons.js";
import { TITLE_MAX, isLonger, line } from "./words.js";

const messages = toast({ left: () => (byId("panel").hidden ? find("h1") : byId("panel-title")).focus() });
const { hint, notice } = notices(messages);
const outbox = new Outbox({
  changed: draw,
  confirmed: (op, value) => service.confirmed(op, value),
  refused: (op, error) => service.refused(op, error),
  known: (key) => service.known(key),
});
const todos = new Todos(outbox);
const recent = new Recent();
const parked = new Parked(draw);
const rescue = parking(parked, outbox, recent, {
  todo: (id) => todos.get(id),
  holds: (todo, field, words) => (field === "title" ? rows : details).holds(todo, words),
  notice,
});
const drafts = new Drafts(takeDraft);
const drawParked = parkedList(parked, again, (entry) => {
  messages.tell("Discarded.", { undo: () => parked.add(entry) });
});
const restorer = new Restorer({ todos, outbox, step: (id, todo) => details.step(id, todo), send });
const undo = new Undo({
  current: (changes) => restorer.current(changes),
  carryOut: (changes) => restorer.carryOut(changes),
  told: undone,
});
const { move, place } = mover({ todos, visible, act, draw });
const address = new Address(draw);

/** @type {ListActs} */
const listActs = {
  toggle: (todo, completed) => patch(todo, { completed }),
  rename,
  restore: restoreTitle,
  titleDraft: (todo, words, base) => draft(opOf(editedTodo(todo, { title: line(words) }, { title: base }))),
  park: parkTitle,
  remove,
  open,
  move,
  place,
  visible,
  drafts,
  left: draw,
  get: (id) => todos.get(id),
};
const rows = list(listActs);

/** @type {PanelActs} */
const panelActs = {
  patch,
  removeStep(step) {
    const todo = todos.get(details.shown);
    if (todo) act([deletedStep(step, todo)]);
  },
  send: (op) => act([changeOfStep(op, details.step(op.key.slice(5)))]),
  draft,
  restore: (todo, fields, steps) => again(rescue.whole(deletion(todo, fields, steps))),
  restoreStep: (todo, step) => again(stepDeletion(todo, todos.get(todo)?.title, step)),
  park: rescue.add,
  parkDeleted: (todo, fields, steps) => rescue.add(deletion(todo, fields, steps)),
  parkStep: (todo, step) => rescue.add(stepDeletion(todo, todos.get(todo)?.title, step)),
  get: (id) => todos.get(id),
  isNew: (id) => outbox.of(keyOf(id)).some((op) => op.method === "PUT" && !op.restores),
  isOwn: (id, field, words) =>
    outbox.of(keyOf(id)).some(({ body }) => body && field in body && (body[field] ?? null) === words),
  deletes: (id) => service.deletes(keyOf(id)),
  ops: () => outbox.byKey(),
  closed,
};
const details = panel(panelActs, drafts);
const load = loading(todos, () => (service.checkRecent(), draw()));
const service = reconciler({ todos, outbox, details, recent, rescue, restorer, undo, load });
const covers = cover(byId("panel"));
const field = newTodo({ drafts, add });
const foot = footer({ clear, mark });
const undoing = undoButtons(undo);
const lines = status(todos, outbox);

// What is shown

/** @param {Todo} todo */
const isShown = (todo) => !address.filter || todo.completed === (address.filter === "completed");

function visible() {
  return todos.all().filter(isShown);
}

let drawing = false;
let drawn = 0;
/**
 * Once a frame, however much has come by then; less often where it takes long; in a window that is
 * not seen, when it is.
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
  foot.show(all, address.filter);
  find(".keys").hidden = all.length === 0;
  undoing.show();
  lines.show({ all: all.length, shown: shown.length, lost: service.lost });
}

whenKept(draw);
addEventListener("beforeunload", (event) => {
  if (!keeps() && (outbox.size || drafts.size || parked.size)) event.preventDefault();
});

// What a person does

/** @param {NewOp} op */
function send(op) {
  if (outbox.add(op)) return true;
  hint("Too many changes are waiting to be sent. Your last change was not made; what you typed is still in its field.");
  return false;
}

/**
 * Sends a change and records it for undo. `false` if not all of it can be kept.
 * @param {Change[]} changes
 * @param {{ words?: string, quiet?: boolean }} how
 */
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

/** @param {Todo} todo @param {Fields} fields @param {Texts} [base] */
function patch(todo, fields, base) {
  return act([editedTodo(todo, fields, base)], { quiet: "notes" in fields });
}

/** @param {string} title */
function isTooLong(title) {
  if (!isLonger(title, TITLE_MAX)) return false;
  const has = [...title].length.toLocaleString();
  hint(`A title has at most ${TITLE_MAX} characters; this has ${has}. Shorten it, or put it into the notes.`);
  return true;
}

/** @param {string} id @param {string} title */
function add(id, title) {
  if (isTooLong(title)) return false;
  hint();
  const fields = { title, ...(todos.loaded && { order: behind(todos.all()) }) };
  if (!act([addedTodo(id, fields)], { quiet: true })) return false;
  drawNow();
  if (!rows.isInSight(id)) tellWhere(id, title);
  return true;
}

/**
 * Shows a new todo that is out of sight: further down, or hidden by the filter.
 * @param {string} id
 * @param {string} title
 */
function tellWhere(id, title) {
  const where = isHidden(id) ? "to All" : "at the end of the list";
  messages.tell(`Added ${quote(title)} ${where}.`, { show: () => show(id) });
}

/** @param {string} id */
function isHidden(id) {
  const todo = todos.get(id);
  return todo !== null && !isShown(todo);
}

/** @param {string} id */
function show(id) {
  if (isHidden(id)) location.hash = "#/";
  drawNow();
  rows.reveal(id);
}

/** @param {Todo} todo @param {string} words @param {string} base */
function rename(todo, words, base) {
  const title = line(words);
  if (!title) return remove(todo);
  if (isTooLong(title)) return false;
  hint();
  return title === todo.title || patch(todo, { title }, { title: base });
}

/** @param {Todo} todo @param {string} words */
function restoreTitle(todo, words) {
  const title = line(words);
  return !title || (!isTooLong(title) && again(rescue.whole(deletion(todo, { title }))));
}

/** @param {Todo} todo @param {Entry} entry @param {string | null} theirs */
function parkTitle(todo, entry, theirs) {
  if (theirs === null) rescue.add(deletion(todo, { title: entry.words }));
  else rescue.add({ ...entry, theirs, why: "Another window has changed it, too.", action: "Use mine" });
}

/**
 * Sends parked words again. `false` if they can't be kept.
 * @param {Entry} entry
 */
function again(entry) {
  for (const op of entry.again) {
    if (op.restores) service.revive(op.key);
    if (!send(op)) return false;
  }
  return true;
}

/**
 * Handles a draft of a window that was closed while somebody typed in it. Only the next page of its
 * tab restores the field.
 * @param {string} where
 * @param {Entry} left
 * @param {boolean} follows
 */
function takeDraft(where, left, follows) {
  // An emptied field has no words to rescue. The text that it held before is stored in the service.
  if (!left.words.trim()) return;
  if (!follows || !field.take(where, left)) rescue.add(left);
}

/** @param {Todo[]} gone */
function remove(...gone) {
  details.keep();
  return act(gone.map((todo) => deletedTodo(todos.get(todo.id) ?? todo)));
}

function clear() {
  remove(...todos.all().filter((todo) => todo.completed));
  byId("new-todo").focus();
}

/** @param {boolean} completed */
function mark(completed) {
  const others = todos.all().filter((todo) => todo.completed !== completed);
  act(others.map((todo) => editedTodo(todo, { completed })));
}

/** @param {string} words @param {string[]} keys */
function undone(words, keys) {
  messages.tell(words);
  say(words);
  drawNow();
  const isTyping = document.activeElement?.matches("input, textarea");
  if (keys.length === 1 && byId("panel").hidden && !isTyping) rows.reveal(keys[0].slice(5));
}

// The open todo

/**
 * The panel stays open if its words can't be kept.
 * @param {Todo} todo
 */
function open(todo) {
  details.open(todo);
  address.open(details.shown);
}

/** @param {string} id */
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

// Starts both at once. A change between the two answers is in neither. So the stream begins with
// `reset`, and everything is read again in the background.
load();
follow((name, data) => (service.tell(name, data), draw()));

draw();
