// Draws a timeline during a run: names and notes as text, and the bar of each track as a small SVG
// picture.

/** @import { DrawingEvent, DrawnPart, DrawnTrack, Kind, Recording, Span } from "./types" */

import { element } from "./dom.js";

const WIDTH = 1000;
const HEIGHT = 14;

/** @type {Record<Kind, string>} */
const KINDS = {
  waiting: "waiting",
  waiting_in_thread: "waiting in a thread",
  computing: "computing",
  blocked: "blocking the event loop",
  queued: "queued",
  mark: "done",
};

export class Timeline {
  still = matchMedia("(prefers-reduced-motion: reduce)");
  frame = 0;
  horizon = 0;
  /** @type {DrawnPart[]} */
  parts = [];
  running = false;
  axis = element("div", "axis");
  legend = element("p", "legend");

  /**
   * Draws into `root`, which it owns.
   * @param {HTMLElement} root
   */
  constructor(root) {
    this.root = root;
    this.clear(0);
  }

  /** @param {number} horizon */
  clear(horizon) {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.horizon = horizon;
    this.parts = [];
    this.running = horizon > 0;
    this.root.replaceChildren();
    this.axis = element("div", "axis");
    this.axis.setAttribute("aria-hidden", "true");
    this.legend = element("p", "legend");
  }

  /**
   * One event of a run.
   * @param {DrawingEvent} event
   */
  tell(event) {
    const part = this.parts[event.part];
    switch (event.event) {
      case "part": this.addPart(event.part, event.name); break;
      case "track": this.addTrack(part, event.track, event.name); break;
      case "begin":
        part.zero = performance.now() / 1000 - event.at;
        part.tracks[event.track].spans[event.span] = { kind: event.kind, from: event.at, to: event.at, open: true };
        break;
      case "end": {
        const span = part.tracks[event.track].spans[event.span];
        if (span) Object.assign(span, { to: event.at, open: false });
        break;
      }
      case "mark": part.tracks[event.track].marks.push(event.at); break;
      case "note":
        (event.track === null ? part : part.tracks[event.track]).note.textContent = event.text;
        break;
      default: return;
    }
    this.draw();
  }

  /**
   * The whole, once it is known: events that were missed are in it.
   * @param {Recording} timeline
   */
  finish(timeline) {
    this.clear(0);
    timeline.parts.forEach((part, index) => {
      const live = this.addPart(index, part.name);
      live.note.textContent = part.note ?? "";
      part.tracks.forEach((track, number) => {
        const drawn = this.addTrack(live, number, track.name);
        drawn.note.textContent = track.note ?? "";
        drawn.spans = track.spans;
        drawn.marks = track.marks;
      });
    });
    this.drawNow();
  }

  /** The run ended early. The spans drawn so far stay as they are. */
  stop() {
    for (const part of this.parts) {
      for (const span of part.tracks.flatMap((track) => track.spans)) {
        if (span?.open) Object.assign(span, { to: performance.now() / 1000 - part.zero, open: false });
      }
    }
    this.running = false;
    this.drawNow();
  }

  /** @param {number} index @param {string} name @returns {DrawnPart} */
  addPart(index, name) {
    const box = element("div");
    const head = element("div", "part");
    const title = element("h3", "", name);
    const note = element("p", "note");
    head.append(title, note);
    box.append(head);
    this.root.append(box, this.axis, this.legend);
    const part = { box, tracks: [], note, zero: performance.now() / 1000 };
    this.parts[index] = part;
    return part;
  }

  /** @param {DrawnPart} part @param {number} index @param {string} name @returns {DrawnTrack} */
  addTrack(part, index, name) {
    const row = element("div", "track");
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    bar.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    bar.setAttribute("preserveAspectRatio", "none");
    bar.setAttribute("aria-hidden", "true");
    const note = element("span", "note");
    row.append(element("span", "name", name), bar, note);
    part.box.append(row);
    const track = { bar, note, spans: [], marks: [] };
    part.tracks[index] = track;
    return track;
  }

  /** Draws on the next frame, and on every frame after it while a span is open. */
  draw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.drawNow();
      if (this.running && !this.still.matches && this.isOpen()) this.draw();
    });
  }

  isOpen() {
    return this.parts.some((part) => part.tracks.some((track) => track.spans.some((span) => span?.open)));
  }

  drawNow() {
    const now = performance.now() / 1000;
    /** @param {DrawnPart} part @param {Span} span */
    const end = (part, span) => (span.open ? Math.max(span.from, now - part.zero) : span.to);
    let last = this.horizon;
    for (const part of this.parts) {
      for (const track of part.tracks) {
        for (const span of track.spans) if (span) last = Math.max(last, end(part, span));
        for (const mark of track.marks) last = Math.max(last, mark);
      }
    }
    if (last <= 0) return;
    /** @type {Set<string>} */
    const kinds = new Set();
    for (const part of this.parts) {
      for (const track of part.tracks) {
        const pixel = WIDTH / (track.bar.clientWidth || WIDTH);
        const rects = track.marks.map((mark) => {
          kinds.add("mark");
          return rect("mark", Math.min((mark / last) * WIDTH, WIDTH - 1.6 * pixel), 1.6 * pixel, 3);
        });
        for (const span of track.spans) {
          if (!span) continue;
          kinds.add(span.kind);
          const from = (span.from / last) * WIDTH;
          rects.push(rect(span.kind, from, Math.max((end(part, span) / last) * WIDTH - from, 1.6 * pixel), 0));
        }
        track.bar.replaceChildren(...rects);
      }
    }
    this.drawAxis(last);
    this.drawLegend(kinds);
  }

  /** @param {number} end */
  drawAxis(end) {
    const most = this.axis.clientWidth < 400 ? 3 : 6;
    this.axis.replaceChildren(...ticks(end, most).map((at) => {
      const tick = element("span", "", time(at));
      tick.style.left = `${(at / end) * 100}%`;
      return tick;
    }));
  }

  /** @param {Set<string>} kinds */
  drawLegend(kinds) {
    const known = Object.entries(KINDS).filter(([kind]) => kinds.has(kind));
    if (this.legend.dataset.kinds === known.join()) return;
    this.legend.dataset.kinds = known.join();
    this.legend.replaceChildren(...known.map(([kind, meaning]) => {
      const item = element("span", "", meaning);
      item.prepend(element("i", `swatch ${kind}`));
      return item;
    }));
  }
}

/** @param {Kind} kind @param {number} x @param {number} width @param {number} inset */
function rect(kind, x, width, inset) {
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  rect.setAttribute("class", kind);
  rect.setAttribute("x", String(x));
  rect.setAttribute("y", String(inset));
  rect.setAttribute("width", String(width));
  rect.setAttribute("height", String(HEIGHT - 2 * inset));
  return rect;
}

/**
 * At most so many steps of 1, 2 or 5 times a power of ten.
 * @param {number} end @param {number} most
 */
function ticks(end, most) {
  const least = end / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((times) => times * power >= least * 0.999) ?? 10);
  return Array.from({ length: Math.floor((end / step) * 1.001) + 1 }, (_, index) => index * step);
}

/** @param {number} seconds */
function time(seconds) {
  const round = (/** @type {number} */ number) => Math.round(number * 1000) / 1000;
  if (seconds <= 0) return "0";
  if (seconds >= 0.9995) return `${round(seconds)} s`;
  return seconds >= 0.0009995 ? `${round(seconds * 1e3)} ms` : `${round(seconds * 1e6)} µs`;
}
