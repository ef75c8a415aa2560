// The lines beside the list: whether it is empty, and whether the service answers.

/** @import { Outbox } from "./outbox.js" */
/** @import { Todos } from "./todos.js" */

import { elapsed } from "./clock.js";
import { byId, text } from "./dom.js";
import { keeps } from "./storage.js";

const LATE_MS = 800;
const KEPT = "What you do is kept here, and sent when it returns.";
const UNKEPT =
  "This browser does not let the page store anything. " +
  "Changes are not kept if you close this page before they are sent.";

/** @param {Todos} todos @param {Outbox} outbox */
export function status(todos, outbox) {
  let looking = 0;
  text(byId("unkept"), UNKEPT);

  /**
   * `all` and `shown` are numbers of todos; `lost` if the stream of events is closed.
   * @param {{ all: number, shown: number, lost: boolean }} page
   */
  function show({ all, shown, lost }) {
    byId("unkept").hidden = keeps();
    byId("empty").hidden = shown > 0 || !todos.loaded;
    byId("loading").hidden ||= todos.loaded;
    const first = "Nothing to do. Write the first thing above, and press Enter.";
    text(byId("empty"), all > 0 ? "Nothing here." : first);
    byId("away").hidden = !(outbox.away || lost);
    text(byId("away"), `The service does not answer. ${waiting(outbox.size)}`);
    sayIfLate();
  }

  /** Most changes are sent before anybody could read that they are not. */
  function sayIfLate() {
    const late = outbox.since + LATE_MS - elapsed();
    document.body.classList.toggle("late", late <= 0);
    clearTimeout(looking);
    if (late > 0 && late < Infinity) looking = setTimeout(sayIfLate, late);
  }

  return { show };
}

/** @param {number} ops */
function waiting(ops) {
  if (!ops) return KEPT;
  const are = ops === 1 ? "One change is" : `${ops.toLocaleString()} changes are`;
  return `${are} kept here, and sent when it returns.`;
}
