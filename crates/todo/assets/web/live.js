// Receives the changes of other clients as they happen.
//
// Only one window of a browser, the leader, opens the stream of events. It passes the events on to
// the other windows. Why: a browser opens at most six connections to a service, and one stream per
// window would leave none for the seventh. When the leader is closed, the next window opens a
// stream, and all windows read everything again. If the browser does not offer locks or channels,
// each window opens its own stream.

const NAMES = ["reset", "todo.created", "todo.changed", "todo.deleted", "item.created", "item.changed", "item.deleted"];
const NAME = "todo.events";
/** A stream that has not opened within this time is closed and opened again. */
const OPENS_WITHIN_MS = 20_000;

/**
 * Calls `told(name, data)` for each event, and with `open` and `lost` when the stream opens and
 * ends. It reconnects by itself.
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
 * Shares one stream among the windows. This window holds the lock for as long as it is the leader.
 */
function share(channel, leads, told) {
  let now = null;
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

function listen(told) {
  const source = new EventSource("/events");
  let opening = 0;
  // Why: the browser waits for an answer for ever, and some networks never give one.
  const mustOpen = () => {
    clearTimeout(opening);
    opening = setTimeout(() => (source.close(), listen(told)), OPENS_WITHIN_MS);
  };
  for (const name of NAMES) source.addEventListener(name, (event) => told(name, JSON.parse(event.data)));
  source.addEventListener("open", () => (clearTimeout(opening), told("open")));
  source.addEventListener("error", () => {
    told("lost");
    if (source.readyState !== EventSource.CLOSED) return mustOpen();
    clearTimeout(opening);
    // The service refused, for example because too many streams are open. The browser does not
    // retry by itself then.
    setTimeout(() => listen(told), 5000);
  });
  mustOpen();
}
