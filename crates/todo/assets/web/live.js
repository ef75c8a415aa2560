// Receives the changes of other clients as they happen.
//
// One window of a browser listens, and tells the others: a browser opens six connections to a
// service, and a stream each would leave none for the seventh window. When it is closed, the next
// one listens, and all read everything anew. Where the browser refuses what this takes, each window
// listens for itself.

/** @import { Events, Told } from "./types" */

/** @type {(keyof Events)[]} */
const NAMES = [
  "reset",
  "todo.created", "todo.changed", "todo.deleted",
  "item.created", "item.changed", "item.deleted",
];
const NAME = "todo.events";
/** A stream that has not opened within this time is closed and opened again. */
const OPENS_WITHIN_MS = 20_000;

/**
 * `told(name, data)` for each event, and with `open` and `lost`; comes back by itself when the service does.
 * @param {Told} told
 */
export async function follow(told) {
  let asked = false;
  try {
    const channel = new BroadcastChannel(NAME);
    await navigator.locks.request(NAME, { ifAvailable: true }, (lock) => {
      asked = true;
      return share(channel, lock !== null, told);
    });
  } catch (error) {
    if (asked) throw error;
    listen(told);
  }
}

/**
 * The lock is held for as long as this window leads.
 * @param {BroadcastChannel} channel @param {boolean} leads @param {Told} told
 */
function share(channel, leads, told) {
  /** @type {"open" | "lost" | null} */
  let now = null;
  /** @type {Told} */
  const tellAll = (name, data) => {
    if (name === "open" || name === "lost") now = name;
    told(name, data);
    channel.postMessage([name, data]);
  };
  channel.addEventListener("message", ({ data: [name, data] }) => {
    if (name !== "how is it?") told(name, data);
    else if (now) channel.postMessage([now]);
  });
  const lead = () => new Promise(() => listen(tellAll));
  if (leads) return lead();
  navigator.locks.request(NAME, lead);
  channel.postMessage(["how is it?"]);
}

/** @param {Told} told */
function listen(told) {
  const source = new EventSource("/events");
  let opening = 0;
  // Why: the browser waits for an answer for ever, and some networks never give one.
  const mustOpen = () => {
    clearTimeout(opening);
    opening = setTimeout(() => (source.close(), listen(told)), OPENS_WITHIN_MS);
  };
  for (const name of NAMES) source.addEventListener(name, (event) => told(name, JSON.parse(event.data)));
  source.addEventListener("open", () => (clearTimeout(opening), told("open", undefined)));
  source.addEventListener("error", () => {
    told("lost", undefined);
    if (source.readyState !== EventSource.CLOSED) return mustOpen();
    clearTimeout(opening);
    // The service refused, for example because too many streams are open. The browser does not
    // retry by itself then.
    setTimeout(() => listen(told), 5000);
  });
  mustOpen();
}
