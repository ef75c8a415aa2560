// One endpoint whole: its verdict with the evidence, how its time spreads, its waits, and single requests as they went.

/**
 * @import { Child, Distribution, EndpointName, EndpointSnapshot, Figure, KeptRequest } from "./types"
 * @import { ObservedDetail, Part, Phase, Verdict, WaitTime } from "./types"
 */

import { attr, el, figures, keyed, marked, place, show, tabled, text } from "./dom.js";
import { columnsOf, histogram, phaseBar, swatch, timeline, totals } from "./charts.js";
import { nameOf, numbersOf, sentence, verdictMark } from "./glance.js";
import { stall, stallGroups, stallKey } from "./around.js";
import { clock, count, counted, duration, keyOf, percent, phaseName, shares } from "./words.js";

const KEPT = [
  ["slowest", "The slowest requests"],
  ["failed", "The last that failed"],
  ["cancelled", "The last whose client left"],
];

const SPREAD = "From the head of the request to the last byte of its response, on a logarithmic scale.";

/**
 * A place whose content is made again only when what it is made from has changed.
 * @template T
 * @param {HTMLElement} node
 * @param {(from: T) => Element | null} make
 */
function slot(node, make) {
  /** @type {string | undefined} */
  let drawn;
  return (/** @type {T} */ from) => {
    const key = JSON.stringify(from);
    if (key === drawn) return;
    drawn = key;
    const made = make(from);
    show(node, made !== null);
    node.replaceChildren(...(made === null ? [] : [made]));
  };
}

/** @param {string} title @param {string} about @param {Child[]} content */
function part(title, about, ...content) {
  const heading = el("h2", null, title);
  return el("section", { class: "part" }, heading, about ? el("p", { class: "quiet" }, about) : null, ...content);
}

/** @param {string} summary @param {Child} content */
function folded(summary, content) {
  return el("details", null, el("summary", null, summary), content);
}

/** @param {EndpointSnapshot} endpoint */
function kindOf({ kind, place: where, place_reason: why }) {
  if (kind === "async") return "an async fn, on the event loop";
  const runs = where === "pool" ? "on the endpoint pool" : "on the event loop";
  return `a plain fn, through sync; runs ${runs}: ${why}`;
}

/** @param {Phase} phase */
const phaseCell = (phase) => el("span", { class: "labelled" }, swatch(phase), phaseName(phase));

/** @param {Pick<EndpointSnapshot, "phases" | "requests">} endpoint */
function phaseTable({ phases, requests }) {
  const rows = shares(phases).map(({ phase, seconds, share }) => [
    phaseCell(phase), percent(share), duration(seconds / requests), duration(seconds),
  ]);
  if (rows.length === 0) return null;
  return tabled("Time by phase", ["phase", "share", "a request, on average", "all together"], rows);
}

/** @param {Pick<EndpointSnapshot, "waits" | "requests">} endpoint */
function waitTable({ waits, requests }) {
  if (waits.length === 0) {
    const example = el("code", null, 'sabr::wait("db", query).await');
    return el("p", { class: "quiet" }, "None. Label an await to see it here: ", example);
  }
  const several = (/** @type {WaitTime} */ { union, sum }) => sum > union * 1.01;
  const heads = ["label", "waits", "a request, on average", "all together"];
  if (waits.some(several)) heads.push("at once, on average");
  const rows = [...waits].sort((a, b) => b.union - a.union).map((wait) => {
    const { label, count: times, union, sum } = wait;
    const row = [label, count(times), duration(union / Math.max(1, requests)), duration(union)];
    if (heads.length > row.length) row.push(several(wait) ? (sum / union).toFixed(1) : "1");
    return row;
  });
  return tabled("Labelled waits", heads, rows);
}

/** @param {Distribution} distribution */
function spreadTable({ buckets }) {
  const columns = columnsOf(buckets).filter((column) => column.count >= 0.5);
  const rows = columns.map((column) => [duration(column.from), duration(column.to), count(Math.round(column.count))]);
  return tabled("Requests by duration", ["from", "to", "requests, about"], rows);
}

/** @param {KeptRequest} request */
function keptTable(request) {
  const rows = request.waits.map((wait) => [
    `${"↳ ".repeat(wait.depth)}${wait.label}`,
    ...[wait.created, wait.first_polled, wait.ended].map(duration),
    wait.finished ? "ended" : "dropped",
  ]);
  const phases = totals(request.segments).map(({ phase, seconds }) => [phaseCell(phase), duration(seconds)]);
  const heads = ["label", "made", "first polled", "end", "how"];
  return el(
    "div", { class: "tables" },
    tabled("Time by phase", ["phase", "time"], phases),
    rows.length ? tabled("Labelled waits, counted from the beginning", heads, rows) : null,
  );
}

/**
 * @param {KeptRequest} request
 * @returns {Part<KeptRequest>}
 */
function kept(request) {
  const status = request.status === null ? "" : ` with status ${request.status}`;
  const head = request.head === null ? "no response" : `head of the response after ${duration(request.head)}`;
  const left = [
    request.segments_over_bound && counted(request.segments_over_bound, "later stretch", "later stretches"),
    request.waits_over_bound && counted(request.waits_over_bound, "wait", "waits"),
  ].filter(Boolean).map((many) => `${many} left out: too many to keep.`).join(" ");
  const facts = [`began ${clock(request.began_at_ms)}`, head, counted(request.polls, "poll", "polls")];
  const bad = request.outcome === "failed" || request.outcome === "panicked";
  const node = el(
    "li", { class: "kept" },
    el("p", { class: "what" },
      el("strong", null, duration(request.duration)), " ",
      el("span", { class: bad ? "bad" : null }, `${request.outcome}${status}`),
      el("span", { class: "quiet" }, ["", ...facts].join(" · "))),
    timeline(request),
    left ? el("p", { class: "quiet" }, left) : null,
    folded("The same as a table", keptTable(request)),
  );
  return { node };
}

/** @type {(endpoint: EndpointSnapshot) => Figure[]} */
const outcomesOf = ({ outcomes, duration: total, head, requests }) => [
  ["succeeded", count(outcomes.succeeded)],
  ["refused (4xx)", count(outcomes.refused), outcomes.refused ? "" : "none"],
  ["failed (5xx)", count(outcomes.failed), outcomes.failed ? "bad" : "none"],
  ["panicked", count(outcomes.panicked), outcomes.panicked ? "bad" : "none"],
  ["client left", count(outcomes.cancelled), outcomes.cancelled ? "" : "none"],
  ["p90", requests ? duration(total.p90) : "–"],
  ["longest", requests ? duration(total.max) : "–"],
  ["p50 to the head", requests ? duration(head.p50) : "–"],
  ["p99 to the head", requests ? duration(head.p99) : "–"],
];

/** The parts of the view, and how each is brought up to date. */
function body() {
  const verdict = verdictMark();
  const kind = el("p", { class: "quiet kind" });
  const finding = sentence("Seen:", "finding");
  const advice = sentence("What to do:", "advice");
  const hint = sentence("Perhaps:", "hint");
  const accepted = sentence("Accepted:", "hint");
  const evidence = el("div");
  const box = el(
    "section", { class: "verdictbox", "aria-label": "Verdict" },
    verdict.node, finding.node, advice.node, hint.node, accepted.node, evidence,
  );
  const numbers = figures("numbers big");
  const outcomes = figures("numbers more");
  const bar = phaseBar();
  const [phases, spread, spreadFigures, waits] = [el("div"), el("div"), el("div"), el("div")];
  const groups = KEPT.map(([id, title]) => {
    const list = el("ul", { class: "keptlist" });
    return { id, list, make: keyed(kept), node: el("div", null, el("h3", null, title), list) };
  });
  const none = el("p", { class: "quiet" }, "None yet.");
  const stalls = keyed(stall);
  const stallList = el("ul", { class: "stalls" });
  const held = "It held a thread for too long, and every other request on that thread stood still.";
  const stallPart = part("Stalls", held, stallList);
  const node = el(
    "div", { class: "body" }, kind, box, numbers.node, outcomes.node, stallPart,
    part("Where the time goes", "", bar.node, phases),
    part("How long requests took", SPREAD, spread, folded("The same as a table", spreadFigures)),
    part("Labelled waits", "What its handler awaited by name.", waits),
    part("Requests as they went", "", legend(), none, ...groups.map((group) => group.node)),
  );
  const fill = {
    phases: slot(phases, phaseTable),
    spread: slot(spread, histogram),
    spreadFigures: slot(spreadFigures, spreadTable),
    waits: slot(waits, waitTable),
    evidence: slot(evidence, proof),
  };
  return {
    node,
    /** @param {ObservedDetail} now */
    update(now) {
      verdict.update(now.verdict);
      attr(box, "class", `verdictbox ${now.verdict.severity}`);
      text(kind, kindOf(now));
      finding.update(now.verdict.finding);
      advice.update(now.verdict.advice);
      hint.update(now.verdict.hint);
      accepted.update(now.verdict.accepted);
      numbers.update(numbersOf(now).filter(([name]) => name !== "refused" && name !== "failed" && name !== "client left"));
      outcomes.update(outcomesOf(now));
      bar.update(now.phases);
      place(stallList, stalls(stallGroups(now.stalls), stallKey));
      show(stallPart, now.stalls.length > 0);
      fill.phases({ phases: now.phases, requests: now.requests });
      fill.spread(now.duration);
      fill.spreadFigures(now.duration);
      fill.waits({ waits: now.waits, requests: now.requests });
      fill.evidence(now.verdict);
      for (const group of groups) {
        const requests = now.kept.filter((request) => request.kept_as === group.id);
        place(group.list, group.make(requests, (request) => `${request.began_at_ms} ${request.duration}`));
        show(group.node, requests.length > 0);
      }
      show(none, now.kept.length === 0);
    },
  };
}

/** @param {Verdict} verdict */
function proof({ evidence, sample }) {
  const stands = `This stands on ${counted(sample, "request", "requests")}.`;
  return el("ul", { class: "evidence" }, ...[stands, ...evidence].map((fact) => el("li", null, ...marked(fact))));
}

function legend() {
  return el(
    "p", { class: "quiet key" },
    "The bar is the request from its beginning to its end, in the colours above; the dashed line is the head of ",
    "its response. Beneath, each labelled wait: ",
    el("b", null, "|"), " made, ", el("b", null, "┄"), " not yet polled, ",
    el("b", null, "▬"), " polled until it ended, ", el("b", null, "×"), " dropped before its end.",
  );
}

/** @param {HTMLElement} root */
export function endpointView(root) {
  let heading = el("h1");
  let parts = body();
  const note = el("p", { class: "empty" });
  return {
    /**
     * Shows the frame at once; the figures follow.
     * @param {EndpointName} endpoint
     */
    open(endpoint) {
      heading = el("h1", { class: "name", tabindex: "-1", "aria-label": keyOf(endpoint) }, ...nameOf(endpoint));
      parts = body();
      show(parts.node, false);
      text(note, "Asking …");
      show(note, true);
      root.replaceChildren(el("a", { class: "back", href: "#" }, "← All endpoints"), heading, note, parts.node);
      attr(root, "aria-label", keyOf(endpoint));
    },
    focus: () => heading.focus({ preventScroll: true }),
    /** @param {ObservedDetail} now */
    update(now) {
      show(note, false);
      show(parts.node, true);
      parts.update(now);
    },
    /** @param {string} why */
    missing(why) {
      text(note, why);
      show(note, true);
      show(parts.node, false);
    },
  };
}
