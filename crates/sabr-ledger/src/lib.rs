//! Where the time of a request goes, and whether its endpoint should be async or sync.
//!
//! This crate is the arithmetic of the wait ledger. It has no runtime, no HTTP types, no clock and
//! no unsafe code. The caller reads the clock and reports events: a poll begins, a poll ends, a
//! waker is called. The crate splits the time of each request into [phases](Phase) that sum to its
//! duration, adds the requests of an endpoint up, and gives a [`Verdict`] on the endpoint. The
//! crate `sabr` does the reporting for axum.
//!
//! | Type | Is |
//! |---|---|
//! | [`Book`] | all endpoints of one service, up to a bound |
//! | [`Endpoint`] | one method and route: sums, histograms, kept requests |
//! | [`Meter`] | one request while it lasts: its events go in here |
//! | [`Spent`] | how a stretch of running code used its thread |
//! | [`Verdict`] | the conclusion on one endpoint, with its evidence |
//! | [`snapshot`] | endpoints and kept requests as plain values that serialise |
//!
//! # Example
//!
//! One request of 10 ms: it computes for 1 ms, waits for 8 ms, and computes for 1 ms again.
//!
//! ```
//! use std::task::Waker;
//! use std::time::Duration;
//!
//! use sabr_ledger::{Book, Meter, Phase, PollOutcome, RequestEnd, RequestOutcome, Spent, Thresholds};
//!
//! const MS: u64 = 1_000_000;
//! let book = Book::new(100);
//!
//! // The first poll of a request begins with the request.
//! let meter = Meter::new(0);
//! meter.set_endpoint(&book.endpoint("GET", "/todos/{id}"), || ());
//! let pending = PollOutcome::Pending { waker: Waker::noop(), yields: false };
//! meter.main_poll_ends(MS, Spent::all_computing(MS), pending);
//! meter.woken(|| 9 * MS);
//! meter.main_poll_begins(9 * MS);
//! meter.main_poll_ends(10 * MS, Spent::all_computing(MS), PollOutcome::Head);
//!
//! let (phases, _) = meter.so_far();
//! assert_eq!(phases.get(Phase::Waiting), Duration::from_millis(8));
//! assert_eq!(phases.get(Phase::Computing), Duration::from_millis(2));
//! assert_eq!(phases.total(), Duration::from_millis(10));
//!
//! let end = RequestEnd {
//!     now: 10 * MS,
//!     outcome: RequestOutcome::of_status(200),
//!     status: Some(200),
//!     unix_time: || Duration::from_secs(1_800_000_000),
//! };
//! let closed = meter.close(end, &book, &Thresholds::default());
//! assert_eq!(closed.unwrap().duration, 10 * MS);
//! ```

mod book;
mod ended;
mod endpoint;
#[cfg(feature = "fixtures")]
pub mod fixtures;
pub mod format;
mod histogram;
mod meter;
mod phase;
mod place;
mod poll_site;
mod route_rule;
mod sequence;
mod server_timing;
pub mod snapshot;
mod spent;
mod thresholds;
mod time;
mod timeline;
mod trace;
mod verdict;
mod waits;
mod window;

pub use self::book::Book;
pub use self::ended::RequestOutcome;
#[cfg(feature = "status-times")]
pub use self::endpoint::StatusTimes;
pub use self::endpoint::{DURATION_BOUNDARIES, Endpoint};
pub use self::meter::{ClosedRequest, Meter, PollOutcome, RequestEnd, SidePart};
pub use self::phase::{Phase, Phases};
pub use self::place::{Place, Reason};
pub use self::route_rule::RouteRule;
pub use self::spent::{SLOW_STRETCH, Spent};
pub use self::thresholds::Thresholds;
pub use self::time::{Nanos, nanos, seconds};
pub use self::verdict::{Severity, Verdict, VerdictKind};
pub use self::waits::{LabelTime, LoggedWait, WaitId, WaitLog};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
