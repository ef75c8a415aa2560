// What `POST /lab/{experiment}` answers, as the crate `todo-lab` describes it, and what the page
// draws. Only the checker reads this file. It is not served.

export type Kind = "waiting" | "waiting_in_thread" | "computing" | "blocked" | "queued" | "mark";

/** Seconds since the beginning of its part. */
export interface Span {
  kind: Kind;
  from: number;
  to: number;
  /** While the run goes on: it has not ended. */
  open?: boolean;
}

export interface Part<T> {
  name: string;
  note: string | null;
  tracks: T[];
}

export interface Track {
  name: string;
  note: string | null;
  spans: Span[];
  marks: number[];
}

export interface Recording {
  parts: Part<Track>[];
}

export interface Table {
  columns: string[];
  rows: string[][];
  note: string | null;
}

export interface Report {
  timeline: Recording;
  table: Table;
  said: string[];
  ledger: string[];
}

export type DrawingEvent =
  | { event: "part"; part: number; name: string }
  | { event: "track"; part: number; track: number; name: string }
  | { event: "begin"; part: number; track: number; span: number; kind: Kind; at: number }
  | { event: "end"; part: number; track: number; span: number; at: number }
  | { event: "mark"; part: number; track: number; at: number }
  | { event: "note"; part: number; track: number | null; text: string };

export type RunEvent =
  | DrawingEvent
  | { event: "started"; horizon: number }
  | { event: "progress"; what: string; done: number; of: number }
  | { event: "figure"; name: string; value: number }
  | { event: "done"; report: Report }
  | { event: "failed"; detail: string };

export interface Settings {
  scale: number;
  users?: number;
}

export interface DrawnPart {
  box: HTMLElement;
  note: HTMLElement;
  tracks: DrawnTrack[];
  /** When it began, in seconds of the browser's clock. */
  zero: number;
}

export interface DrawnTrack {
  bar: SVGElement;
  note: HTMLElement;
  /** Spans whose beginning was missed are left out. */
  spans: (Span | undefined)[];
  marks: number[];
}
