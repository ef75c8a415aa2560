// Asks for the figures once a second, and brings what is shown up to date.

/** @import { Endpoint, EndpointName, Severity, Snapshot } from "./types" */

import { as, attr, byId, el, show, text } from "./dom.js";
import { shape, swatch } from "./charts.js";
import { SEVERITIES, PHASES, clock, counted, keyOf, rate, span } from "./words.js";
import { around } from "./around.js";
import { endpointView } from "./endpoint.js";
import { glance } from "./glance.js";

const EVERY_MS = 1000;
const EVERY_MS_LOST = 2000;
const TIMEOUT_MS = 5000;
/** Rates are taken over about this many polls: calm enough to read. */
const WINDOW = 6;

const list = glance();
const view = endpointView(byId("endpoint"));
const rest = around(byId("around"));

/** @type {Snapshot[]} */
let snapshots = [];
let paused = false;
/** @type {number | null} */
let lostSince = null;
/** @type {EndpointName | null} */
let opened = null;
let listScroll = 0;
let timer = 0;
let asking = new AbortController();

/** Why there are no figures: nobody answers, or the answer has another status. */
class NoFigures extends Error {
  /** @param {string} message @param {number} [status] */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** @param {string} path @param {AbortSignal} stopped */
async function ask(path, stopped) {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await fetch(new URL(path, import.meta.url), { cache: "no-store", signal });
    if (response.ok) return await response.json();
    const problem = await response.json().catch(() => ({}));
    throw new NoFigures(problem.detail ?? `status ${response.status}`, response.status);
  } catch (error) {
    throw error instanceof NoFigures ? error : new NoFigures("no answer");
  }
}

async function poll() {
  clearTimeout(timer);
  asking.abort();
  const mine = (asking = new AbortController());
  try {
    if (!paused || snapshots.length === 0) take(await ask("ledger.json", mine.signal));
    if (opened) await askEndpoint(opened, mine.signal);
    found();
  } catch (error) {
    if (mine.signal.aborted) return;
    if (!(error instanceof NoFigures)) console.error(error);
    lost(error);
  }
  if (mine.signal.aborted || paused || document.hidden) return;
  timer = setTimeout(poll, lostSince ? EVERY_MS_LOST : EVERY_MS);
}

/** @param {EndpointName} endpoint @param {AbortSignal} stopped */
async function askEndpoint(endpoint, stopped) {
  try {
    const query = new URLSearchParams({ method: endpoint.method, route: endpoint.route });
    const detail = await ask(`endpoint.json?${query}`, stopped);
    if (opened === endpoint) view.update({ ...detail, rate: rateOf(detail), stalls: stallsOf(detail) });
  } catch (error) {
    if (!(error instanceof NoFigures) || error.status !== 404) throw error;
    if (opened === endpoint) view.missing(error.message);
  }
}

/** @param {Snapshot} snapshot */
function take(snapshot) {
  // A service that started anew counts from the beginning.
  if (snapshot.uptime < (snapshots.at(-1)?.uptime ?? 0)) snapshots = [];
  snapshots = [...snapshots, snapshot].slice(-WINDOW);
  const endpoints = snapshot.endpoints.map((one) => ({ ...one, rate: rateOf(one), stalls: stallsOf(one) }));
  summarise(snapshot, endpoints);
  list.update(endpoints);
  rest.update(snapshot);
  show(byId("around"), true);
  shown();
}

/**
 * Requests a second, over the last polls; `null` before the second.
 * @param {EndpointName} endpoint
 */
function rateOf(endpoint) {
  const [first, last] = [snapshots[0], snapshots[snapshots.length - 1]];
  const seconds = (last.taken_at_ms - first.taken_at_ms) / 1000;
  if (!(seconds > 0)) return null;
  const requests = (/** @type {Snapshot} */ { endpoints }) =>
    endpoints.find((other) => keyOf(other) === keyOf(endpoint))?.requests ?? 0;
  return Math.max(0, requests(last) - requests(first)) / seconds;
}

/** @param {EndpointName} endpoint */
function stallsOf(endpoint) {
  const { stalls } = snapshots[snapshots.length - 1];
  return stalls.filter((stall) => keyOf(stall) === keyOf(endpoint));
}

/** @param {Snapshot} snapshot @param {Endpoint[]} endpoints */
function summarise(snapshot, endpoints) {
  const those = (/** @type {Severity} */ id) => endpoints.filter((endpoint) => endpoint.verdict.severity === id);
  const counts = SEVERITIES.map(([id, , words]) => ({ id, n: those(id).length, words }));
  const attention = those("problem").length + those("advice").length;
  const need = `${attention || "none"} ${attention > 1 ? "need" : "needs"} attention`;
  const all = counted(endpoints.length, "endpoint", "endpoints");
  const headline = endpoints.length === 0 ? "No requests yet" : `${all}, ${need}`;
  const parts = counts.filter(({ n }) => n > 0).map(({ id, n, words }) => ({ id, said: words(n) }));
  text(byId("headline"), headline);
  text(byId("said"), [headline, ...parts.map(({ said }) => said)].join("; "));
  document.title = attention ? `(${attention}) Sabr · wait ledger` : "Sabr · wait ledger";
  facts(snapshot.uptime, endpoints, parts);
  notes(snapshot);
  show(byId("summary"), true);
}

/** @param {number} uptime @param {Endpoint[]} endpoints @param {{ id: Severity, said: string }[]} parts */
function facts(uptime, endpoints, parts) {
  const inFlight = endpoints.reduce((sum, { in_flight }) => sum + in_flight, 0);
  const rates = endpoints.map((endpoint) => endpoint.rate).filter((one) => one !== null);
  const together = rates.length < endpoints.length ? null : rates.reduce((sum, one) => sum + one, 0);
  text(byId("flow"), [
    `${counted(inFlight, "request", "requests")} in flight`,
    together !== null && `${rate(together)} requests a second`,
    `up for ${span(uptime)}`,
  ].filter(Boolean).join(" · "));
  const words = parts.map(({ said }) => said).join();
  if (byId("facts").dataset.words === words) return;
  byId("facts").dataset.words = words;
  const nodes = parts.flatMap(({ id, said }) => [el("span", { class: `fact ${id}` }, shape(id), said), " "]);
  byId("facts").replaceChildren(...nodes);
}

/** @param {Snapshot} snapshot */
function notes({ stalls, tells_blocked_from_busy }) {
  const now = stalls.filter((stall) => stall.in_progress).length;
  const said = [
    now > 0 && `${counted(now, "thread is", "threads are")} held up right now.`,
    !tells_blocked_from_busy &&
      "This platform can’t tell a blocked thread from a busy one, so long polls are “unknown”. Linux can.",
  ].filter((words) => words !== false);
  if (byId("notes").dataset.words === said.join()) return;
  byId("notes").dataset.words = said.join();
  byId("notes").replaceChildren(...said.map((words) => el("li", null, words)));
  if (now === 0) return;
  const see = el("button", { type: "button", class: "see" }, "See where");
  see.addEventListener("click", () => {
    byId("stalls").scrollIntoView();
    byId("stalls").focus({ preventScroll: true });
  });
  byId("notes").firstElementChild?.append(" ", see);
}

// What is shown: all endpoints, or the one that the address names.

function named() {
  const name = decode(location.hash.slice(1));
  const space = name.indexOf(" ");
  return space > 0 ? { method: name.slice(0, space), route: name.slice(space + 1) } : null;
}

/** @param {string} hash */
function decode(hash) {
  try {
    return decodeURIComponent(hash);
  } catch {
    return "";
  }
}

/** @param {Event | null} event */
function go(event) {
  const before = opened;
  opened = named();
  if (event && !before) listScroll = scrollY;
  if (opened) view.open(opened);
  shown();
  if (event) {
    scrollTo(0, opened ? 0 : listScroll);
    if (opened) view.focus();
    else focusCard(before);
    poll();
  }
}

/** @param {EndpointName | null} endpoint */
function focusCard(endpoint) {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = byId("groups").querySelectorAll("h3 a");
  const link = [...links].find((one) => endpoint && decode(one.hash.slice(1)) === keyOf(endpoint));
  link?.focus({ preventScroll: true });
}

function shown() {
  document.documentElement.classList.toggle("single", Boolean(opened));
  show(byId("endpoint"), Boolean(opened));
  show(byId("glance"), !opened && snapshots.length > 0);
}

// The state of the connection.

function found() {
  lostSince = null;
  show(byId("lost"), false);
  document.documentElement.classList.remove("stale");
  state();
}

/** @param {unknown} error */
function lost(error) {
  lostSince ??= Date.now();
  const seen = snapshots.at(-1);
  const why = !(error instanceof NoFigures)
    ? "This page has a fault, which the console of the browser names."
    : error.status ? `The service refuses: ${error.message}` : "The service does not answer.";
  text(byId("lost"), `${why} ${seen ? `Last seen ${clock(seen.taken_at_ms)}. ` : ""}Still trying.`);
  show(byId("lost"), true);
  document.documentElement.classList.add("stale");
  state();
}

function state() {
  const seen = snapshots.at(-1);
  const words = paused ? "paused" : lostSince ? "no answer" : seen ? "live" : "asking …";
  attr(byId("live"), "class", `live ${paused ? "paused" : lostSince ? "gone" : ""}`);
  text(byId("live"), seen ? `${words} · ${clock(seen.taken_at_ms)}` : words);
  text(byId("pause"), paused ? "Resume" : "Pause");
}

// Controls.

const THEMES = ["auto", "light", "dark"];

/** @param {boolean} next */
function theme(next) {
  const root = document.documentElement;
  let chosen = root.dataset.theme ?? "auto";
  if (next) {
    chosen = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length];
    if (chosen === "auto") delete root.dataset.theme;
    else root.dataset.theme = chosen;
    keep("sabr-theme", chosen);
  }
  text(byId("theme"), `Theme: ${chosen}`);
}

/** @param {string} name @param {string} value */
function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage may be forbidden; then it holds until the page is left.
  }
}

/** @param {string} name */
function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

for (const [phase, name, meaning] of PHASES) {
  byId("phases").append(el("li", null, swatch(phase), el("p", null, el("b", null, name), ` ${meaning}`)));
}
const legend = as(byId("legend"), HTMLDetailsElement);
legend.open = (kept("sabr-legend") ?? (innerWidth < 700 ? "closed" : "open")) === "open";
const keepLegend = () => keep("sabr-legend", legend.open ? "closed" : "open");
legend.querySelector("summary")?.addEventListener("click", keepLegend);
byId("theme").addEventListener("click", () => theme(true));
byId("pause").addEventListener("click", () => {
  paused = !paused;
  state();
  if (!paused) poll();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (!paused) poll();
});
addEventListener("hashchange", go);
history.scrollRestoration = "manual";
theme(false);
state();
go(null);
poll();
