//! The state of the ledger at one moment, as plain values that serialise.
//!
//! All times are seconds, as floating-point numbers, unless the name of a field ends in another
//! unit.

use serde::Serialize;

pub use crate::histogram::{Bucket, Distribution};
use crate::phase::Phase;
pub use crate::trace::Segment;
use crate::verdict::Verdict;
pub use crate::waits::KeptWait;

/// One method and one route.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct EndpointSnapshot {
    /// `GET`; `OTHER` for methods that HTTP does not define; `ANY` for the shared endpoints.
    pub method: &'static str,
    /// The route as the router has it: `/todos/{id}`.
    pub route: String,
    /// Whether its handler is async.
    pub kind: EndpointKind,
    /// Where a sync endpoint runs now: `pool` or `in place`. `None` for an async one.
    pub place: Option<&'static str>,
    /// Why it runs there: `its calls are short`. `None` for an async one.
    pub place_reason: Option<&'static str>,
    /// Requests that have ended.
    pub requests: u64,
    /// Requests in progress.
    pub in_flight: u64,
    /// How the requests ended.
    pub outcomes: Outcomes,
    /// From the request's head to the end of its response body, in seconds.
    pub duration: Distribution,
    /// From the request's head to its response's head, in seconds.
    pub head: Distribution,
    /// The time of all ended requests by phase. The phases sum to the durations.
    pub phases: Vec<PhaseTime>,
    /// The labelled waits, those with the longest union first.
    pub waits: Vec<WaitTime>,
    /// The conclusion.
    pub verdict: Verdict,
}

/// Whether the handler is async.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndpointKind {
    /// An `async fn`.
    Async,
    /// A plain `fn`.
    Sync,
}

/// How requests ended. Each request is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outcomes {
    /// Status below 400.
    pub succeeded: u64,
    /// Status 400 to 499.
    pub refused: u64,
    /// Status 500 and above, and responses that broke off.
    pub failed: u64,
    /// The handler or the body panicked.
    pub panicked: u64,
    /// The client disconnected before the connection had taken the whole response.
    pub cancelled: u64,
}

/// Time in one phase.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct PhaseTime {
    /// The phase.
    pub phase: Phase,
    /// The time in it, of all requests.
    pub seconds: f64,
}

/// All waits with one label.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct WaitTime {
    /// The label.
    pub label: &'static str,
    /// The number of waits.
    pub count: u64,
    /// The time during which at least one of them was in progress, in seconds.
    pub union: f64,
    /// The sum of their lengths, in seconds.
    pub sum: f64,
}

/// One endpoint with the requests that are kept.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct EndpointDetail {
    /// Its sums and its verdict.
    #[serde(flatten)]
    pub endpoint: EndpointSnapshot,
    /// At most five of each kind: the slowest of about ten minutes, the last failed and the last
    /// cancelled. At most one failed and one cancelled request is kept in 100 ms.
    pub kept: Vec<KeptRequest>,
}

/// Why a request was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeptAs {
    /// One of the slowest.
    Slowest,
    /// One of the last that failed or panicked.
    Failed,
    /// One of the last whose clients disconnected.
    Cancelled,
}

/// One request with all details.
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
    /// From its head to the end of its response body, in seconds.
    pub duration: f64,
    /// From its head to the head of its response, in seconds; `None` if there was none.
    pub head: Option<f64>,
    /// The number of polls. A poll that `block_in_place` interrupted counts twice.
    pub polls: u64,
    /// Its phases in the order of time, without gaps.
    pub segments: Vec<Segment>,
    /// The number of further segments that were left out at the end.
    pub segments_over_bound: u64,
    /// Its labelled waits.
    pub waits: Vec<KeptWait>,
    /// The number of further waits that were left out.
    pub waits_over_bound: u64,
}
