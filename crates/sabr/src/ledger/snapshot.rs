//! The state of one [`Sabr`](crate::Sabr) at one moment, as plain values: what the page, the JSON
//! and the metrics are made of.
//!
//! All times are seconds, as floating-point numbers, unless the name of a field ends in another
//! unit.

use std::time::UNIX_EPOCH;

use serde::Serialize;

use crate::backlog::TaskStats;

pub use crate::gauges::{Gauge, GaugeGroup};
#[doc(inline)]
pub use sabr_ledger::snapshot::{
    Bucket, Distribution, EndpointDetail, EndpointKind, EndpointSnapshot, KeptAs, KeptRequest,
    KeptWait, Outcomes, PhaseTime, Segment, WaitTime,
};

/// Everything except the kept requests, which [`EndpointDetail`] has.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken, in milliseconds since 1970.
    pub taken_at_ms: u64,
    /// The time since the ledger was created.
    pub uptime: f64,
    /// Whether this platform tells blocking from computing. Linux does.
    pub tells_blocked_from_busy: bool,
    /// Whether stalls have stacks: the feature `stacks` is enabled.
    pub shows_stacks: bool,
    /// The number of worker threads of the async runtime.
    pub workers: usize,
    /// The endpoints that received requests, in the order of their first ones. Requests that
    /// matched no route share one, whose route is `(no route)`. Endpoints over the bound share
    /// another.
    pub endpoints: Vec<EndpointSnapshot>,
    /// The thread pools.
    pub pools: Vec<PoolSnapshot>,
    /// Background tasks.
    pub tasks: TaskSnapshot,
    /// Numbers that the app adds, for example about its database.
    pub gauges: Vec<GaugeGroup>,
    /// The last stalls, the newest first.
    pub stalls: Vec<StallSnapshot>,
}

/// One thread pool.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PoolSnapshot {
    /// `endpoint`, `compute`, `blocking`, `tasks` or `cleanup`.
    pub name: String,
    /// The most threads that it may have.
    pub threads_max: usize,
    /// Threads that exist now.
    pub threads: usize,
    /// Threads that run a job.
    pub busy: usize,
    /// Jobs that wait for a thread.
    pub queued: usize,
    /// Jobs that have ended.
    pub finished: u64,
    /// Jobs that were dropped before they started, because their caller was dropped.
    pub skipped: u64,
    /// Jobs refused because the queue was full.
    pub rejected: u64,
    /// The time that all jobs together have waited for a thread.
    pub queue_time: f64,
    /// The longest time that one job has waited for a thread.
    pub queue_time_max: f64,
}

/// Background tasks by state.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct TaskSnapshot {
    /// Added and not started.
    pub queued: usize,
    /// Started and not ended.
    pub running: usize,
    /// Ended well.
    pub done: u64,
    /// Ended with an error or a panic.
    pub failed: u64,
    /// Not run, because of the outcome of the response.
    pub skipped: u64,
    /// Stopped by shutdown.
    pub cancelled: u64,
    /// Refused because the backlog was full.
    pub rejected: u64,
}

/// A poll that did not return in time.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StallSnapshot {
    /// The method of the request; `background task` for a background task.
    pub method: &'static str,
    /// The route of the request, or the name of the task.
    pub route: String,
    /// When the poll began, in milliseconds since 1970.
    pub began_at_ms: u64,
    /// How long the poll has lasted.
    pub duration: f64,
    /// Whether the poll still runs.
    pub in_progress: bool,
    /// The name of the thread.
    pub thread: String,
    /// What the thread does: `computing` or `blocked`; `unknown` on a platform that does not tell
    /// them apart.
    pub state: &'static str,
    /// The stack of the thread, the innermost call first. Empty without the feature `stacks`, and
    /// on platforms that it does not support.
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
    /// Whether it is code of the app, rather than of the standard library or of a dependency.
    pub own: bool,
}

impl From<sabr_watchdog::Stall> for StallSnapshot {
    fn from(stall: sabr_watchdog::Stall) -> Self {
        let began_at = stall
            .began_at
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            method: stall.name.kind,
            route: stall.name.name,
            began_at_ms: u64::try_from(began_at.as_millis()).unwrap_or(u64::MAX),
            duration: stall.duration.as_secs_f64(),
            in_progress: stall.in_progress,
            thread: stall.thread,
            state: stall.state.as_str(),
            stack: stall.stack.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<sabr_watchdog::Frame> for Frame {
    fn from(frame: sabr_watchdog::Frame) -> Self {
        Self {
            function: frame.function,
            file: frame.file,
            line: frame.line,
            own: frame.own,
        }
    }
}

impl From<TaskStats> for TaskSnapshot {
    fn from(stats: TaskStats) -> Self {
        Self {
            queued: stats.queued,
            running: stats.running,
            done: stats.done,
            failed: stats.failed,
            skipped: stats.skipped,
            cancelled: stats.cancelled,
            rejected: stats.rejected,
        }
    }
}
