//! What the ledger knows at one moment, as plain values: what the page, the JSON and the metrics are made of.
//!
//! All times are seconds, as floating-point numbers.

use serde::Serialize;

use super::{Phase, Verdict};

pub use super::gauges::{Gauge, GaugeGroup};
pub use super::histogram::{Bucket, Distribution};
pub use super::trace::Segment;
pub use super::waits::KeptWait;

/// Everything at a glance; without the requests kept for each endpoint, which [`EndpointDetail`] has.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken, in milliseconds since 1970.
    pub taken_at_ms: u64,
    /// How long the ledger has been kept.
    pub uptime: f64,
    /// Whether this platform tells a blocked thread from a busy one (Linux does).
    pub tells_blocked_from_busy: bool,
    /// Threads of the async runtime.
    pub workers: usize,
    /// One for each method and route that was asked for, in the order they were first seen. Requests that
    /// matched no route share one, whose route is `(no route)`, and those over the bound of endpoints another.
    pub endpoints: Vec<EndpointSnapshot>,
    /// The thread pools.
    pub pools: Vec<PoolSnapshot>,
    /// Background tasks.
    pub tasks: TaskSnapshot,
    /// What the app adds, as the group commits of its database.
    pub gauges: Vec<GaugeGroup>,
    /// The last stalls that the watchdog saw, the newest first.
    pub stalls: Vec<StallSnapshot>,
}

/// One method and route.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct EndpointSnapshot {
    /// `GET`; `OTHER` for methods that HTTP does not define.
    pub method: &'static str,
    /// The route as the router has it: `/todos/{id}`.
    pub route: String,
    /// A plain `fn` through `sync`, or an `async fn`.
    pub kind: EndpointKind,
    /// Where a plain `fn` runs now: `pool` or `in place`.
    pub place: Option<&'static str>,
    /// Requests that have ended.
    pub requests: u64,
    /// Requests that have begun and not ended.
    pub in_flight: u64,
    /// How the requests ended.
    pub outcomes: Outcomes,
    /// From the request's head to the last byte of its response.
    pub duration: Distribution,
    /// From the request's head to its response's head.
    pub head: Distribution,
    /// Where the time of all ended requests went; together it is the sum of their durations.
    pub phases: Vec<PhaseTime>,
    /// The labelled waits, the longest first.
    pub waits: Vec<WaitTime>,
    /// What to make of it.
    pub verdict: Verdict,
}

/// Whether the handler is async.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// An `async fn`.
    Async,
    /// A plain `fn`, through [`sync`](crate::sync).
    Sync,
}

/// How requests ended. Each is in one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outcomes {
    /// Status below 400.
    pub succeeded: u64,
    /// Status 400 to 499.
    pub refused: u64,
    /// Status 500 and above, and bodies that broke.
    pub failed: u64,
    /// The handler or the body panicked.
    pub panicked: u64,
    /// The client left before the last byte.
    pub cancelled: u64,
}

/// Time in one phase.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct PhaseTime {
    /// Which.
    pub phase: Phase,
    /// How long, over all requests.
    pub seconds: f64,
}

/// All waits with one label.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct WaitTime {
    /// The label, as given to [`wait`](crate::wait).
    pub label: &'static str,
    /// How many waits there were.
    pub count: u64,
    /// How long at least one of them was going on.
    pub union: f64,
    /// How long all of them took, added up.
    pub sum: f64,
}

/// One endpoint with the requests kept of it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct EndpointDetail {
    /// What the glance shows.
    #[serde(flatten)]
    pub endpoint: EndpointSnapshot,
    /// The slowest, the last failed and the last cancelled.
    pub kept: Vec<KeptRequest>,
}

/// Why a request was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptAs {
    /// One of the slowest.
    Slowest,
    /// One of the last that failed or panicked.
    Failed,
    /// One of the last whose client left.
    Cancelled,
}

/// One request as it went.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct KeptRequest {
    /// Why it was kept.
    pub kept_as: KeptAs,
    /// When it began, in milliseconds since 1970.
    pub began_at_ms: u64,
    /// How it ended: `succeeded`, `refused`, `failed`, `panicked` or `cancelled`.
    pub outcome: &'static str,
    /// The status, if there was a response.
    pub status: Option<u16>,
    /// From its head to the last byte of its response.
    pub duration: f64,
    /// When the response's head was ready, from the beginning.
    pub head: Option<f64>,
    /// How often it was polled.
    pub polls: u64,
    /// What it did from when to when, from the beginning and without gaps.
    pub segments: Vec<Segment>,
    /// Segments left out at the end, because there were more than the bound.
    pub segments_over_bound: u64,
    /// Its labelled waits.
    pub waits: Vec<KeptWait>,
    /// Waits left out because there were more than the bound.
    pub waits_over_bound: u64,
}

/// One thread pool.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PoolSnapshot {
    /// `endpoint`, `compute`, `blocking`, `tasks` or `cleanup`.
    pub name: String,
    /// The most threads it may have.
    pub threads_max: usize,
    /// Threads that run now.
    pub threads: usize,
    /// Threads inside a job.
    pub busy: usize,
    /// Jobs that wait for a thread.
    pub queued: usize,
    /// Jobs that have ended.
    pub finished: u64,
    /// Jobs whose caller left before they started.
    pub skipped: u64,
    /// Jobs refused because the queue was full.
    pub rejected: u64,
    /// Time all jobs together have waited for a thread.
    pub queue_time: f64,
    /// The longest that one job has waited.
    pub queue_time_max: f64,
}

/// Background tasks by state.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct TaskSnapshot {
    /// Added, and not started.
    pub queued: usize,
    /// Started, and not ended.
    pub running: usize,
    /// Ended well.
    pub done: u64,
    /// Ended with an error or a panic.
    pub failed: u64,
    /// Not run, because of the outcome of their response.
    pub skipped: u64,
    /// Stopped by shutdown.
    pub cancelled: u64,
    /// Refused because the backlog was full.
    pub rejected: u64,
}

/// A thread that did not come back from a poll for too long.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StallSnapshot {
    /// The method of the request; `background task` if it is none.
    pub method: &'static str,
    /// The route of the request, or the name of the task.
    pub route: String,
    /// When the poll began, in milliseconds since 1970.
    pub began_at_ms: u64,
    /// How long it has lasted.
    pub duration: f64,
    /// It has not ended yet.
    pub in_progress: bool,
    /// The name of the thread.
    pub thread: String,
    /// What the thread does: `computing`, `blocked`, or `unknown` where the platform can't say.
    pub state: &'static str,
    /// Where the thread was, the innermost call first; empty where that can't be had.
    pub stack: Vec<Frame>,
}

/// One call on the stack of a stalled thread.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Frame {
    /// The path of the function.
    pub function: String,
    /// The file, if it is known.
    pub file: Option<String>,
    /// The line, if it is known.
    pub line: Option<u32>,
    /// It is code of the app, not of the standard library or of a dependency.
    pub own: bool,
}
