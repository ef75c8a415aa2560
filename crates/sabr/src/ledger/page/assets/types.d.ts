// What the ledger answers, as `ledger/snapshot.rs` and the crate `sabr-ledger` describe it, and the
// page's own types. Only the checker reads this file. It is not served.

export type Phase = "waiting" | "waiting_in_thread" | "computing" | "blocked" | "preempted" | "queued" | "unknown";
export type Severity = "problem" | "advice" | "good" | "open";

/** Names an endpoint. */
export interface EndpointName {
  method: string;
  route: string;
}

export interface PhaseTime {
  phase: Phase;
  seconds: number;
}

export interface Segment {
  phase: Phase;
  from: number;
  to: number;
}

export interface Bucket {
  from: number;
  to: number;
  count: number;
}

export interface Distribution {
  p50: number;
  p90: number;
  p99: number;
  max: number;
  /** Empty in the snapshot of all endpoints. */
  buckets: Bucket[];
}

export interface WaitTime {
  label: string;
  count: number;
  union: number;
  sum: number;
}

export interface Verdict {
  title: string;
  severity: Severity;
  finding: string;
  advice: string | null;
  sample: number;
  evidence: string[];
  hint: string | null;
  accepted: string | null;
}

export interface EndpointSnapshot extends EndpointName {
  kind: "async" | "sync";
  place: string | null;
  place_reason: string | null;
  requests: number;
  in_flight: number;
  outcomes: Record<"succeeded" | "refused" | "failed" | "panicked" | "cancelled", number>;
  duration: Distribution;
  head: Distribution;
  phases: PhaseTime[];
  waits: WaitTime[];
  verdict: Verdict;
}

export interface KeptWait {
  label: string;
  created: number;
  first_polled: number;
  ended: number;
  finished: boolean;
  depth: number;
}

export interface KeptRequest {
  kept_as: string;
  began_at_ms: number;
  outcome: string;
  status: number | null;
  duration: number;
  head: number | null;
  polls: number;
  segments: Segment[];
  segments_over_bound: number;
  waits: KeptWait[];
  waits_over_bound: number;
}

export interface EndpointDetail extends EndpointSnapshot {
  kept: KeptRequest[];
}

export interface Frame {
  function: string;
  file: string | null;
  line: number | null;
  own: boolean;
}

export interface Stall extends EndpointName {
  began_at_ms: number;
  duration: number;
  in_progress: boolean;
  thread: string;
  state: string;
  stack: Frame[];
}

/** Stalls of one endpoint at one line, the newest first. */
export interface StallGroup {
  newest: Stall;
  times: number;
  longest: number;
}

export interface Pool {
  name: string;
  threads_max: number;
  busy: number;
  queued: number;
  finished: number;
  skipped: number;
  rejected: number;
  queue_time: number;
  queue_time_max: number;
}

export type Tasks = Record<"queued" | "running" | "done" | "failed" | "skipped" | "cancelled" | "rejected", number>;

export interface Gauge {
  name: string;
  value: number;
  unit: string;
}

export interface GaugeGroup {
  title: string;
  gauges: Gauge[];
}

export interface Snapshot {
  taken_at_ms: number;
  uptime: number;
  tells_blocked_from_busy: boolean;
  shows_stacks: boolean;
  endpoints: EndpointSnapshot[];
  pools: Pool[];
  tasks: Tasks;
  gauges: GaugeGroup[];
  stalls: Stall[];
}

/** What the page adds to an endpoint. */
export interface Observed {
  /** Requests a second over the last polls; `null` before the second poll. */
  rate: number | null;
  stalls: Stall[];
}

export type Endpoint = EndpointSnapshot & Observed;
export type ObservedDetail = EndpointDetail & Observed;

export type Child = Node | string | null | undefined;
export type Attributes = Record<string, string | number | boolean | null | undefined>;

/** A part of the page that is made once, and updated with every new state of what it shows. */
export interface Part<T> {
  node: HTMLElement;
  update?(now: T): void;
}

/** A term, its figure, and the class of both. */
export type Figure = [term: string, value: string, mark?: string];
