// Pictures of time. Across they are in percents, so they fit any width without being drawn again.

/** @import { Bucket, Distribution, KeptRequest, KeptWait, Phase, PhaseTime, Segment, Severity } from "./types" */

import { attr, el, svg, text } from "./dom.js";
import { PHASES, count, counted, duration, phaseName, shares, sharesInWords } from "./words.js";

/** @param {number} share */
const pct = (share) => `${(share * 100).toFixed(3)}%`;
/** @param {Phase} phase */
const fillOf = (phase) => `url(#${phase})`;

/** @type {Record<Severity, [className: string, path: string][]>} */
const SHAPES = {
  problem: [["body", "M8 1.2 15.4 14.4H.6Z"], ["mark", "M8 6v4M8 11.6v1.2"]],
  advice: [["body", "M8 .8 15.2 8 8 15.2.8 8Z"], ["mark", "M8 4.6v4.2M8 10.4v1.2"]],
  good: [["body", "M8 .8a7.2 7.2 0 1 0 .01 0Z"], ["mark", "m4.6 8.3 2.4 2.4 4.4-5"]],
  open: [["ring", "M8 1.5a6.5 6.5 0 1 0 .01 0Z"], ["dots", "M4.6 8h.4M7.8 8h.4M11 8h.4"]],
};

/**
 * A shape for each severity, so that none is told by its colour alone.
 * @param {Severity} severity
 */
export function shape(severity) {
  const parts = SHAPES[severity].map(([className, d]) => svg("path", { class: className, d }));
  const size = { width: 16, height: 16, viewBox: "0 0 16 16" };
  return svg("svg", { class: `shape ${severity}`, ...size, "aria-hidden": "true" }, ...parts);
}

/** @param {Phase} phase */
export function swatch(phase) {
  return svg(
    "svg", { class: "swatch", width: 26, height: 14, "aria-hidden": "true" },
    svg("rect", { width: 26, height: 14, fill: fillOf(phase) }),
  );
}

/** One bar of all phases, side by side, and beneath it the same in words. */
export function phaseBar() {
  const rects = new Map(PHASES.map(([phase]) => [phase, svg("rect", { height: "100%", fill: fillOf(phase) })]));
  const bar = svg("svg", { class: "bar", "aria-hidden": "true" }, ...rects.values());
  const caption = el("p", { class: "shares" });
  return {
    node: el("div", { class: "where" }, bar, caption),
    /** @param {PhaseTime[]} phases */
    update(phases) {
      const known = new Map(shares(phases).map(({ phase, share }) => [phase, share]));
      let from = 0;
      for (const [phase, rect] of rects) {
        const share = known.get(phase) ?? 0;
        attr(rect, "x", pct(from));
        attr(rect, "width", pct(share));
        from += share;
      }
      text(caption, known.size ? sharesInWords(phases) : "no request has ended yet");
    },
  };
}

/**
 * How durations spread, over a logarithmic axis.
 * @param {Distribution} distribution
 */
export function histogram(distribution) {
  const { p50, p90, p99, max } = distribution;
  const columns = columnsOf(distribution.buckets);
  if (columns.length === 0) return el("p", { class: "empty" }, "No request has ended yet.");
  const [from, to] = [columns[0].from, columns[columns.length - 1].to];
  const [low, high] = [Math.log(from), Math.log(to)];
  const across = (/** @type {number} */ seconds) => Math.min(1, Math.max(0, (Math.log(seconds) - low) / (high - low)));
  const tallest = Math.max(...columns.map((column) => column.count));
  const base = 178;
  const bars = columns.map((column) => {
    const height = Math.max(column.count > 0.5 ? 2 : 0, (column.count / tallest) * 120);
    const left = across(column.from);
    const title = `${duration(column.from)} to ${duration(column.to)}: about ${count(Math.round(column.count))}`;
    return svg(
      "rect", { x: pct(left), width: pct(across(column.to) - left), y: base - height, height, class: "column" },
      svg("title", null, title),
    );
  });
  const ticks = ticksBetween(from, to).map((seconds) => tick(across(seconds), base, duration(seconds)));
  const percentiles = Object.entries({ p50, p90, p99 });
  const marks = percentiles.map(([name, seconds], at) => {
    const x = across(seconds);
    const y = 14 + 16 * at;
    const end = x > 0.7;
    return svg(
      "g", { class: "percentile" },
      svg("line", { x1: pct(x), x2: pct(x), y1: y - 10, y2: base }),
      svg(
        "text", { x: pct(x), dx: end ? -6 : 6, y, "text-anchor": end ? "end" : "start" },
        `${name} ${duration(seconds)}`,
      ),
    );
  });
  const label =
    `Half of the requests took at most ${duration(p50)}, nine of ten at most ${duration(p90)}, ` +
    `99 of 100 at most ${duration(p99)}; the longest took ${duration(max)}.`;
  return svg(
    "svg", { class: "histogram", height: base + 26, role: "img", "aria-label": label },
    ...bars, svg("line", { class: "axis", x1: 0, x2: "100%", y1: base, y2: base }), ...ticks, ...marks,
  );
}

/**
 * The buckets of the ledger differ in width; columns of one width tell no steps that are not there.
 * @param {Bucket[]} buckets
 */
export function columnsOf(buckets) {
  const filled = (buckets ?? [])
    .filter((bucket) => bucket.count > 0 && bucket.to > 0)
    .map((bucket) => ({ ...bucket, from: Math.max(bucket.from, bucket.to / 2) }));
  if (filled.length === 0) return [];
  const [low, high] = [filled[0].from, filled[filled.length - 1].to];
  const octaves = Math.max(1, Math.log2(high / low));
  const width = octaves > 12 ? 1 / 2 : octaves > 5 ? 1 / 4 : 1 / 8;
  const first = Math.floor(Math.log2(low) / width) - 1;
  const last = Math.ceil(Math.log2(high) / width) + 1;
  const columns = Array.from({ length: last - first }, (_, at) => ({
    from: 2 ** ((first + at) * width),
    to: 2 ** ((first + at + 1) * width),
    count: 0,
  }));
  for (const bucket of filled) {
    const span = Math.log2(bucket.to / bucket.from);
    for (const column of columns) {
      const common = Math.log2(Math.min(column.to, bucket.to) / Math.max(column.from, bucket.from));
      if (common > 0) column.count += bucket.count * (span > 0 ? common / span : 1);
    }
  }
  return columns;
}

/**
 * 1, 10, 100; where there is room, 2 and 5 between them.
 * @param {number} from @param {number} to
 */
function ticksBetween(from, to) {
  const decades = Math.log10(to / from);
  const steps = decades > 2.6 ? [1] : decades > 1.3 ? [1, 3] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power += 1) {
    for (const step of steps) ticks.push(Number(`${step}e${power}`));
  }
  return ticks.filter((seconds) => seconds >= from && seconds <= to);
}

/** @param {number} x @param {number} y @param {string} label */
function tick(x, y, label) {
  const anchor = x < 0.05 ? "start" : x > 0.93 ? "end" : "middle";
  return svg(
    "g", { class: "tick" },
    svg("line", { x1: pct(x), x2: pct(x), y1: y, y2: y + 5 }),
    svg("text", { x: pct(x), y: y + 19, "text-anchor": anchor }, label),
  );
}

const LANE = 30;
const LANES_FROM = 62;

/**
 * One request as it went: its phases as a bar, and beneath it a lane for each labelled wait.
 * @param {KeptRequest} request
 */
export function timeline(request) {
  const total = request.duration || 1e-9;
  const at = (/** @type {number} */ seconds) => Math.min(1, Math.max(0, seconds / total));
  const height = LANES_FROM + request.waits.length * LANE;
  const ticks = linearTicks(total).flatMap((seconds) => {
    const x = pct(at(seconds));
    return [
      svg("line", { class: "grid", x1: x, x2: x, y1: 20, y2: height }),
      svg("text", { x, y: 13, "text-anchor": anchorOf(at(seconds)) }, seconds ? duration(seconds) : "0"),
    ];
  });
  const segments = request.segments.map(({ phase, from, to }) =>
    svg(
      "rect", { x: pct(at(from)), width: pct(at(to) - at(from)), y: 24, height: 24, fill: fillOf(phase) },
      svg("title", null, `${phaseName(phase)} for ${duration(to - from)}, from ${duration(from)} to ${duration(to)}`),
    ),
  );
  const head = request.head === null ? [] : [
    svg("line", { class: "head", x1: pct(at(request.head)), x2: pct(at(request.head)), y1: 20, y2: height },
      svg("title", null, `the head of the response, after ${duration(request.head)}`)),
  ];
  const lanes = request.waits.map((wait, lane) => laneOf(wait, at, LANES_FROM + lane * LANE));
  const label = `${wordsOf(request)} The table below has the same figures.`;
  return svg(
    "svg", { class: "timeline", height, role: "img", "aria-label": label },
    ...ticks, svg("rect", { class: "track", y: 24, width: "100%", height: 24 }), ...segments, ...head, ...lanes,
  );
}

/** @param {KeptWait} wait @param {(seconds: number) => number} at @param {number} y */
function laneOf(wait, at, y) {
  const [created, polled, ended] = [at(wait.created), at(wait.first_polled), at(wait.ended)];
  const end = created > 0.5;
  const state = wait.finished ? "" : ", dropped";
  const label = `${"↳ ".repeat(wait.depth)}${wait.label}  ${duration(wait.ended - wait.first_polled)}${state}`;
  const title =
    `${wait.label}: made after ${duration(wait.created)}, first polled after ${duration(wait.first_polled)}, ` +
    `${wait.finished ? "ended" : "dropped"} after ${duration(wait.ended)}`;
  const bar = y + 18;
  return svg(
    "g", { class: wait.finished ? "wait" : "wait dropped" },
    svg("title", null, title),
    svg("line", { class: "idle", x1: pct(created), x2: pct(polled), y1: bar + 3.5, y2: bar + 3.5 }),
    svg("rect", { x: pct(polled), width: pct(Math.max(0.002, ended - polled)), y: bar, height: 7, rx: 2 }),
    svg("line", { class: "created", x1: pct(created), x2: pct(created), y1: bar - 3, y2: bar + 10 }),
    wait.finished ? null : svg("text", { class: "cross", x: pct(ended), y: bar + 8, "text-anchor": "middle" }, "×"),
    svg(
      "text",
      { class: "label", x: pct(end ? ended : created), y: y + 12, "text-anchor": end ? "end" : "start" },
      label,
    ),
  );
}

/** @param {number} x */
const anchorOf = (x) => (x < 0.04 ? "start" : x > 0.93 ? "end" : "middle");

/** @param {number} total */
function linearTicks(total) {
  const rough = total / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(total / step + 1e-9) + 1 }, (_, at) => at * step);
}

/** @param {KeptRequest} request */
function wordsOf(request) {
  const waits = counted(request.waits.length, "labelled wait", "labelled waits");
  const spent = sharesInWords(totals(request.segments));
  return `A request of ${duration(request.duration)}, ${request.outcome}: ${spent}; ${waits}.`;
}

/**
 * The segments of a request, added up by phase.
 * @param {Segment[]} segments
 */
export function totals(segments) {
  /** @type {Map<Phase, number>} */
  const sums = new Map();
  for (const { phase, from, to } of segments) sums.set(phase, (sums.get(phase) ?? 0) + to - from);
  return [...sums].map(([phase, seconds]) => ({ phase, seconds }));
}
