// Every endpoint at a glance: a card each, what needs attention first.

/** @import { Endpoint, EndpointName, EndpointSnapshot, Figure, Part, Stall, Verdict } from "./types" */

import { as, attr, byId, el, figures, keyed, marked, place, show, text } from "./dom.js";
import { phaseBar, shape } from "./charts.js";
import { SEVERITIES, count, duration, keyOf, linkTo, ownFrame, position, rate } from "./words.js";

/** @param {Endpoint} endpoint */
const severityOf = (endpoint) => SEVERITIES.findIndex(([id]) => id === endpoint.verdict.severity);
/** @param {EndpointSnapshot} endpoint */
const failures = ({ outcomes }) => outcomes.failed + outcomes.panicked;
/**
 * @template T
 * @param {(one: T) => number} figure
 * @returns {(a: T, b: T) => number}
 */
const down = (figure) => (a, b) => figure(b) - figure(a);

/**
 * How the list can be sorted; equals stay in the order in which they were first asked for.
 * @type {Record<string, [title: string, order: (a: Endpoint, b: Endpoint) => number]>}
 */
const ORDERS = {
  attention: ["what needs attention", down((e) => -severityOf(e))],
  p99: ["p99, slowest first", down((e) => e.duration.p99)],
  p50: ["p50, slowest first", down((e) => e.duration.p50)],
  requests: ["requests", down((e) => e.requests)],
  rate: ["requests a second", down((e) => e.rate ?? 0)],
  in_flight: ["in flight", down((e) => e.in_flight)],
  failed: ["failed", down(failures)],
  route: ["route", (a, b) => a.route.localeCompare(b.route) || a.method.localeCompare(b.method)],
};

/** @type {(endpoint: Endpoint) => Figure[]} */
export const numbersOf = (endpoint) => [
  ["requests", count(endpoint.requests)],
  ["per second", rate(endpoint.rate)],
  ["p50", endpoint.requests ? duration(endpoint.duration.p50) : "–"],
  ["p99", endpoint.requests ? duration(endpoint.duration.p99) : "–"],
  ["in flight", count(endpoint.in_flight)],
  ["refused", count(endpoint.outcomes.refused), endpoint.outcomes.refused ? "" : "none"],
  ["failed", count(failures(endpoint)), failures(endpoint) ? "bad" : "none"],
  ["client left", count(endpoint.outcomes.cancelled), endpoint.outcomes.cancelled ? "" : "none"],
];

/** The verdict: its shape and its words, both in its colour. */
export function verdictMark() {
  const title = el("span");
  const node = el("p", null, title);
  return {
    node,
    /** @param {Verdict} verdict */
    update({ severity, title: words }) {
      const className = `verdict ${severity}`;
      if (node.className !== className) {
        node.className = className;
        node.replaceChildren(shape(severity), title);
      }
      text(title, words);
    },
  };
}

/**
 * A sentence under a small heading, or nothing.
 * @param {string} heading @param {string} className
 */
export function sentence(heading, className) {
  const words = el("span");
  const node = el("p", { class: className }, el("b", null, heading), " ", words);
  /** @type {string | null | undefined} */
  let said;
  return {
    node,
    /** @param {string | null} value */
    update(value) {
      show(node, Boolean(value));
      if (value !== said) words.replaceChildren(...marked(value ?? ""));
      said = value;
    },
  };
}

/**
 * A route may break after its slashes.
 * @param {EndpointName} endpoint
 */
export function nameOf(endpoint) {
  const route = endpoint.route.split(/(?<=\/)/).flatMap((part) => [el("wbr"), part]);
  return [el("span", { class: "method" }, endpoint.method), " ", el("span", { class: "route" }, ...route)];
}

/** @param {EndpointName} endpoint */
export const linkOf = (endpoint) =>
  el("a", { href: linkTo(endpoint), "aria-label": keyOf(endpoint) }, ...nameOf(endpoint));

/**
 * @param {Endpoint} endpoint
 * @returns {Part<Endpoint>}
 */
function card(endpoint) {
  const verdict = verdictMark();
  const bar = phaseBar();
  const waits = el("p", { class: "shares" });
  bar.node.append(waits);
  const numbers = figures("numbers");
  const finding = sentence("Seen:", "finding");
  const advice = sentence("What to do:", "advice");
  const where = sentence("Where:", "where-line");
  const hint = sentence("Perhaps:", "hint");
  const accepted = sentence("Accepted:", "hint");
  const node = el(
    "li", { class: "card" },
    el("div", { class: "who" }, el("h3", null, linkOf(endpoint)), verdict.node),
    bar.node, numbers.node,
    el("div", { class: "words" }, finding.node, where.node, advice.node, hint.node, accepted.node),
  );
  return {
    node,
    update(now) {
      attr(node, "class", `card ${now.verdict.severity}`);
      verdict.update(now.verdict);
      bar.update(now.phases);
      text(waits, waitsInWords(now));
      numbers.update(numbersOf(now));
      finding.update(now.verdict.finding);
      advice.update(now.verdict.advice);
      hint.update(now.verdict.hint);
      accepted.update(now.verdict.accepted);
      where.update(lineIn(now.stalls));
    },
  };
}

/**
 * The labelled waits that take most of a request.
 * @param {Endpoint} endpoint
 */
function waitsInWords({ waits, requests }) {
  const most = [...waits].sort(down((wait) => wait.union)).slice(0, 3);
  const one = (/** @type {number} */ union) => duration(union / Math.max(1, requests));
  const told = most.map(({ label, union }) => `${label} ${one(union)}`.replaceAll(" ", "\u00a0"));
  return told.length ? `a request waits for ${told.join(" · ")}` : "";
}

/**
 * The line of the newest stall that names one.
 * @param {Stall[]} stalls
 */
function lineIn(stalls) {
  const frame = stalls.map(ownFrame).find(Boolean);
  return frame ? `\`${position(frame)}\` in \`${frame.function}\`, when a thread was last held up` : null;
}

/** @param {string} title */
function group(title) {
  const list = el("ul", { role: "list" });
  const heading = el("h2", null, title);
  const number = el("span", { class: "number" });
  heading.append(" ", number);
  const heads = el("p", { class: "heads", "aria-hidden": "true" });
  const over = el("p", { class: "heads over", "aria-hidden": "true" }, "where its time goes");
  const node = el("section", { class: "group" }, el("div", { class: "grouphead" }, heading, over, heads), list);
  for (const head of ["requests", "per second", "p50", "p99", "in flight", "refused", "failed", "client left"]) {
    heads.append(el("span", null, head));
  }
  return {
    node,
    /** @param {HTMLElement[]} nodes */
    update(nodes) {
      text(number, String(nodes.length));
      place(list, nodes);
    },
  };
}

export function glance() {
  const cards = keyed(card);
  const groups = Object.entries({
    ...Object.fromEntries(SEVERITIES.map(([id, title]) => [id, group(title)])),
    all: group("Endpoints"),
  });
  const filter = as(byId("filter"), HTMLInputElement);
  const sort = as(byId("sort"), HTMLSelectElement);
  for (const [id, [title]] of Object.entries(ORDERS)) sort.append(el("option", { value: id }, title));
  /** @type {Endpoint[]} */
  let endpoints = [];

  const draw = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [, order] = ORDERS[sort.value] ?? ORDERS.attention;
    const sorted = [...endpoints].sort(order);
    const drawn = cards(sorted, keyOf).map((node, at) => ({ node, endpoint: sorted[at] }));
    const shown = drawn.filter(({ endpoint }) => words.every((word) => keyOf(endpoint).toLowerCase().includes(word)));
    const groupOf = (/** @type {Endpoint} */ e) => (sort.value === "attention" ? e.verdict.severity : "all");
    const members = groups.map(([id, part]) => {
      const own = shown.filter(({ endpoint }) => id === groupOf(endpoint));
      return { part, nodes: own.map(({ node }) => node) };
    });
    const filled = members.filter(({ nodes }) => nodes.length > 0);
    place(byId("groups"), filled.map(({ part }) => part.node));
    for (const { part, nodes } of filled) part.update(nodes);
    show(byId("tools"), endpoints.length > 0);
    // Those out of sight are then not drawn.
    byId("groups").classList.toggle("many", shown.length > 60);
    empty(endpoints.length, shown.length, filter.value);
  };

  remember(sort);
  byId("tools").addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", draw);
  sort.addEventListener("change", draw);
  return {
    /** @param {Endpoint[]} now */
    update(now) {
      endpoints = now;
      draw();
    },
  };
}

/** @param {HTMLSelectElement} sort */
function remember(sort) {
  try {
    sort.value = localStorage.getItem("sabr-sort") ?? "attention";
    sort.addEventListener("change", () => localStorage.setItem("sabr-sort", sort.value));
  } catch {
    // Storage may be forbidden.
  }
  if (!sort.value) sort.value = "attention";
}

/** @param {number} all @param {number} shown @param {string} filter */
function empty(all, shown, filter) {
  const node = byId("empty");
  show(node, shown === 0);
  if (shown > 0) return;
  if (all > 0) {
    text(node, `No endpoint has “${filter}” in its method or route.`);
  } else if (!node.querySelector("code")) {
    node.replaceChildren(
      el("strong", null, "No requests yet – send one."),
      el("code", null, `curl -i ${location.origin}/`),
      "It appears here within a second.",
    );
  }
}
