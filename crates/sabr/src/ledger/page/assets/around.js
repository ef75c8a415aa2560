// What stands around the endpoints: stalls, thread pools, background tasks, and the gauges of the app.

/** @import { Figure, Frame, GaugeGroup, Part, Pool, Snapshot, Stall, StallGroup, Tasks } from "./types" */

import { attr, el, figures, keyed, place, show, svg, text } from "./dom.js";
import { shape } from "./charts.js";
import { clock, count, counted, duration, gauge, ownFrame, position } from "./words.js";
import { linkOf } from "./glance.js";

/** @type {Record<string, string>} */
const POOLS = {
  endpoint: "plain fn endpoints that are not short",
  compute: "what was given to sabr::compute",
  blocking: "what was given to sabr::blocking",
  tasks: "background tasks that are plain fns",
  cleanup: "cleaning up at the end of requests",
};

/**
 * @param {Pool} first
 * @returns {Part<Pool>}
 */
function pool(first) {
  const state = el("p", { class: "state" });
  const busy = svg("rect", { height: "100%", rx: 3 });
  const numbers = figures("pairs");
  const node = el(
    "li", { class: "tile" },
    el("h3", null, first.name), el("p", { class: "quiet" }, POOLS[first.name] ?? ""), state,
    svg("svg", { class: "meter", "aria-hidden": "true" }, busy), numbers.node,
  );
  return {
    node,
    update(now) {
      const ended = now.finished + now.skipped;
      const used = ended + now.busy + now.queued + now.rejected > 0;
      const full = now.threads_max > 0 && now.busy >= now.threads_max && now.queued > 0;
      attr(busy, "width", `${Math.min(100, (100 * now.busy) / Math.max(1, now.threads_max))}%`);
      attr(node, "class", full ? "tile full" : used ? "tile" : "tile unused");
      text(state, `${full ? "full: " : ""}${count(now.busy)} of ${counted(now.threads_max, "thread", "threads")} busy`);
      numbers.update(!used ? [["not used yet", ""]] : [
        ["waiting for a thread", count(now.queued), now.queued ? "" : "none"],
        ["finished", count(now.finished)],
        ["mean wait for a thread", ended ? duration(now.queue_time / ended) : "–"],
        ["longest wait", now.queue_time_max ? duration(now.queue_time_max) : "–"],
        ["caller left first", count(now.skipped), now.skipped ? "" : "none"],
        ["refused: queue full", count(now.rejected), now.rejected ? "bad" : "none"],
      ]);
    },
  };
}

/**
 * @template T
 * @param {string} title
 * @param {string} about
 * @param {(now: T) => Figure[]} itemsOf
 */
function tile(title, about, itemsOf) {
  const numbers = figures("pairs");
  const note = about ? el("p", { class: "quiet" }, about) : null;
  const node = el("li", { class: "tile" }, el("h3", null, title), note, numbers.node);
  return { node, update: (/** @type {T} */ now) => numbers.update(itemsOf(now)) };
}

/** @type {(tasks: Tasks) => Figure[]} */
const taskItems = (tasks) => [
  ["queued", count(tasks.queued), tasks.queued ? "" : "none"],
  ["running", count(tasks.running), tasks.running ? "" : "none"],
  ["done", count(tasks.done)],
  ["failed", count(tasks.failed), tasks.failed ? "bad" : "none"],
  ["not run, by outcome", count(tasks.skipped), tasks.skipped ? "" : "none"],
  ["stopped by shutdown", count(tasks.cancelled), tasks.cancelled ? "bad" : "none"],
  ["refused: backlog full", count(tasks.rejected), tasks.rejected ? "bad" : "none"],
];

/** @param {Stall} stall */
function placeOf(stall) {
  const frame = ownFrame(stall) ?? stall.stack[0];
  return [stall.method, stall.route, stall.state, frame ? position(frame) : ""].join(" ");
}

/** @param {StallGroup} group */
export const stallKey = ({ newest }) => `${placeOf(newest)} ${newest.stack.length}`;

/**
 * Stalls of one endpoint at one line are shown as one.
 * @param {Stall[]} stalls the newest first
 * @returns {StallGroup[]}
 */
export function stallGroups(stalls) {
  /** @type {Map<string, StallGroup>} */
  const groups = new Map();
  for (const stall of stalls) {
    const group = groups.get(placeOf(stall)) ?? { newest: stall, times: 0, longest: 0 };
    group.times += 1;
    group.longest = Math.max(group.longest, stall.duration);
    groups.set(placeOf(stall), group);
  }
  return [...groups.values()];
}

/** Whether the program was built with the stacks of stalls. */
let showsStacks = true;

/**
 * @param {StallGroup} group
 * @returns {Part<StallGroup>}
 */
export function stall({ newest: first }) {
  const what = el("p", { class: "what" });
  const own = ownFrame(first);
  const node = el(
    "li", { class: "stall" },
    el("h3", null, first.method === "background task" ? `${first.method} ${first.route}` : linkOf(first)),
    what, lineOf(first, own), stackOf(first, own),
  );
  return {
    node,
    update({ newest: now, times, longest }) {
      attr(node, "class", now.in_progress ? "stall now problem" : "stall");
      const how = now.state === "unknown" ? "held" : `held, ${now.state},`;
      const held = `${how} thread ${now.thread} for ${duration(now.duration)}`;
      const often = times > 1 ? `; ${count(times)} times in the list, for up to ${duration(longest)}` : "";
      const when = now.in_progress ? `has ${held} and still does` : `${held}, at ${clock(now.began_at_ms)}`;
      text(what, when + often);
      const mark = what.previousElementSibling?.matches(".shape") ? what.previousElementSibling : null;
      if (!now.in_progress) mark?.remove();
      else if (!mark) what.before(shape("problem"));
    },
  };
}

/** @param {Stall} stall @param {Frame | null} own */
function lineOf(stall, own) {
  if (own) {
    return el(
      "p", { class: "line" },
      el("b", null, "The line: "), el("code", null, position(own) || own.function), position(own) ? " in " : "",
      position(own) ? el("code", null, own.function) : null,
    );
  }
  const enable = "Enable the feature stacks of sabr to see the line: sabr = { …, features = [\"stacks\"] }.";
  const none = showsStacks ? "Its stack could not be read." : enable;
  return el("p", { class: "line quiet" }, stall.stack.length ? "No code of the app is on its stack." : none);
}

/** @param {Stall} stall @param {Frame | null} own */
function stackOf({ stack }, own) {
  if (stack.length === 0) return null;
  const frames = stack.map((frame) =>
    el(
      "li", { class: frame === own ? "own the" : frame.own ? "own" : null },
      el("code", null, frame.function), el("span", { class: "position" }, position(frame)),
    ),
  );
  return el(
    "details", null, el("summary", null, `The stack, innermost call first (${counted(stack.length, "call", "calls")})`),
    el("ol", { class: "stack" }, ...frames),
  );
}

/** @param {string} title @param {string} about */
function section(title, about) {
  const list = el("ul", { class: "tiles" });
  const note = el("p", { class: "quiet" }, about);
  return { list, note, node: el("section", { class: "part" }, el("h2", null, title), note, list) };
}

/** @param {HTMLElement} root */
export function around(root) {
  const stallPart = section("Stalls", "");
  stallPart.list.className = "stalls";
  stallPart.node.id = "stalls";
  stallPart.node.tabIndex = -1;
  const poolPart = section("Thread pools", "Where code runs that may not hold up the event loop.");
  const otherPart = section("Beside the requests", "");
  show(otherPart.note, false);
  otherPart.list.className = "tiles wide";
  const stalls = keyed(stall);
  const pools = keyed(pool);
  const tasks = tile("Background tasks", "work after the response", taskItems);
  const gauges = keyed((/** @type {GaugeGroup} */ first) =>
    tile(first.title, "", (/** @type {GaugeGroup} */ now) => now.gauges.map((one) => [one.name, gauge(one)])),
  );
  root.append(stallPart.node, poolPart.node, otherPart.node);
  return {
    /** @param {Snapshot} now */
    update(now) {
      showsStacks = now.shows_stacks;
      text(stallPart.note, now.stalls.length
        ? "A thread stayed inside one request for too long, and every other request on that thread stood still."
        : "None seen: no thread stayed inside one request for too long.");
      place(stallPart.list, stalls(stallGroups(now.stalls), stallKey));
      show(poolPart.node, now.pools.length > 0);
      place(poolPart.list, pools(now.pools, (one) => one.name));
      tasks.update(now.tasks);
      place(otherPart.list, [tasks.node, ...gauges(now.gauges, (one) => one.title)]);
    },
  };
}
