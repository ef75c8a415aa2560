// How figures read, and what the words of the ledger mean.

/** @import { EndpointName, Frame, Gauge, Phase, PhaseTime, Severity, Stall } from "./types" */

/**
 * Every phase: its name in the ledger, its name here, and its meaning for someone who never heard of it.
 * @type {[id: Phase, name: string, meaning: string][]}
 */
export const PHASES = [
  ["waiting", "waiting", "suspended until something else answers: a database, a timer, the client. Holds no thread."],
  [
    "waiting_in_thread",
    "waiting in a thread",
    "a blocking call on a pool thread. Hurts nobody, but holds that thread.",
  ],
  ["computing", "computing", "running on the CPU. For long on the event loop, it holds up everyone else there."],
  ["blocked", "blocked", "a blocking call on the event loop. Everyone else on that thread stands still."],
  ["preempted", "preempted", "ready to run, but the machine was busy with something else."],
  ["queued", "queued", "ready to go on, but waiting for its turn on the event loop or for a pool thread."],
  ["unknown", "unknown", "busy for long; this platform can't say whether computing or blocked."],
];

/** @param {Phase} phase */
export const phaseName = (phase) => PHASES.find(([id]) => id === phase)?.[1] ?? phase;

/**
 * The severities, the worst first: how they are headed, and how they are counted in the summary.
 * @type {[id: Severity, title: string, count: (n: number) => string][]}
 */
export const SEVERITIES = [
  ["problem", "Hurts other requests", (n) => `${n} ${n === 1 ? "hurts" : "hurt"} other requests`],
  ["advice", "Could be simpler or faster", (n) => `${n} could be simpler or faster`],
  ["good", "As it should be", (n) => `${n} as ${n === 1 ? "it" : "they"} should be`],
  ["open", "Too early to say", (n) => `${n} too early to say`],
];

/** @param {EndpointName} endpoint */
export const keyOf = (endpoint) => `${endpoint.method} ${endpoint.route}`;
/** @param {EndpointName} endpoint */
export const linkTo = (endpoint) => `#${encodeURI(keyOf(endpoint)).replaceAll("#", "%23")}`;

/**
 * Three digits, and no zeros after the point.
 * @param {number} value
 */
const digits = (value) => String(Number(value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)));

/**
 * 4.2 ms, with a space that does not break.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds <= 0) return "0 s";
  if (seconds < 0.9995e-3) return `${digits(seconds * 1e6)}\u00a0µs`;
  if (seconds < 0.9995) return `${digits(seconds * 1e3)}\u00a0ms`;
  if (seconds < 600) return `${digits(seconds)}\u00a0s`;
  return seconds < 7200 ? `${digits(seconds / 60)}\u00a0min` : `${digits(seconds / 3600)}\u00a0h`;
}

/**
 * 2 h 13 min
 * @param {number} seconds
 */
export function span(seconds) {
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (minutes < 2) return `${Math.floor(seconds)}\u00a0s`;
  if (hours < 2) return `${minutes}\u00a0min`;
  if (hours < 48) return `${hours}\u00a0h ${minutes % 60}\u00a0min`;
  return `${Math.floor(hours / 24)}\u00a0days ${hours % 24}\u00a0h`;
}

/** @param {number} value */
export const count = (value) => value.toLocaleString("en");
/** @param {number} value @param {string} one @param {string} many */
export const counted = (value, one, many) => `${count(value)} ${value === 1 ? one : many}`;

/** @param {number | null} perSecond */
export function rate(perSecond) {
  if (perSecond === null) return "–";
  if (perSecond >= 10 || perSecond === 0) return count(Math.round(perSecond));
  return perSecond < 0.05 ? "<0.1" : perSecond.toFixed(1);
}

/** @param {number} share */
export function percent(share) {
  const percents = share * 100;
  if (percents > 0 && percents < 0.1) return "<0.1\u00a0%";
  return `${percents >= 9.95 || percents === 0 ? percents.toFixed(0) : percents.toFixed(1)}\u00a0%`;
}

/**
 * 12:03:10
 * @param {number} ms
 */
export const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB");

/** @param {Gauge} gauge */
export function gauge({ value, unit }) {
  if (unit === "s") return duration(value);
  if (unit === "bytes") return bytes(value);
  const figure = value.toLocaleString("en", { maximumFractionDigits: 2 });
  return unit ? `${figure}\u00a0${unit}` : figure;
}

/** @param {number} value */
function bytes(value) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let at = 0;
  for (; value >= 1000 && at < units.length - 1; at += 1) value /= 1000;
  return `${digits(value)}\u00a0${units[at]}`;
}

/** @param {PhaseTime[]} phases */
const together = (phases) => phases.reduce((sum, { seconds }) => sum + seconds, 0);

/**
 * Each phase with its share, in the order of the ledger; those without any left out.
 * @param {PhaseTime[]} phases
 */
export function shares(phases) {
  const total = together(phases);
  if (!(total > 0)) return [];
  return phases
    .filter(({ seconds }) => seconds > 0)
    .map(({ phase, seconds }) => ({ phase, seconds, share: seconds / total }));
}

/**
 * "blocked 62 % · waiting 31 %": the largest first; what blocks is told however little it is.
 * @param {PhaseTime[]} phases
 */
export function sharesInWords(phases) {
  const told = shares(phases).filter(({ phase, share }) => share >= 0.0095 || phase === "blocked");
  told.sort((a, b) => b.share - a.share);
  return told.map(({ phase, share }) => `${phaseName(phase)}\u00a0${percent(share)}`).join("\u00a0· ");
}

/**
 * The innermost call that is code of the app: the line to look at.
 * @param {Stall} stall
 */
export const ownFrame = (stall) => stall.stack.find((frame) => frame.own) ?? null;

/** @param {Frame} frame */
export const position = (frame) => (frame.file ? `${frame.file}${frame.line ? `:${frame.line}` : ""}` : "");
