//! The wait ledger: where the time of every request goes, and what to make of it.
#![doc = include_str!("../../docs/ledger.md")]

mod account;
mod aside;
mod assertions;
mod block_in_place;
mod body;
mod book;
pub(crate) mod clock;
mod ended;
mod endpoint;
mod gauges;
mod histogram;
mod job;
mod meter;
#[cfg_attr(not(feature = "opentelemetry"), path = "no_opentelemetry.rs")]
mod opentelemetry;
mod options;
mod overlap;
mod page;
mod phase;
mod poll;
#[cfg(feature = "prometheus")]
mod prometheus;
mod route;
mod sequence;
mod server_timing;
pub mod snapshot;
mod spawn;
pub(crate) mod thread_clock;
mod timeline;
mod trace;
mod verdict;
mod wait;
mod waits;
mod window;

pub use self::account::Ledger;
pub use self::block_in_place::block_in_place;
#[cfg(feature = "opentelemetry")]
pub use self::opentelemetry::{AlreadyRegistered, RequestSpans};
pub use self::options::Thresholds;
pub use self::overlap::Trial;
pub use self::page::Page;
pub use self::phase::{Phase, Phases};
#[cfg(feature = "prometheus")]
pub use self::prometheus::MetricsFormat;
pub use self::spawn::spawn;
pub use self::verdict::{Severity, Verdict, VerdictKind};
pub use self::wait::{Wait, wait};

pub(crate) use self::aside::Aside;
pub(crate) use self::body::RequestBody;
pub(crate) use self::book::Book;
pub(crate) use self::clock::Nanos;
pub(crate) use self::ended::How;
pub(crate) use self::gauges::Gauges;
pub(crate) use self::job::QueuedJob;
pub(crate) use self::meter::Meter;
pub(crate) use self::opentelemetry::{Parent, Telemetry};
pub(crate) use self::overlap::Trials;
pub(crate) use self::poll::{end_here, poll_body, poll_head};
pub(crate) use self::route::{RouteTeller, TellRoute};
pub(crate) use self::server_timing::header as server_timing;
pub(crate) use self::thread_clock::{Spent, Stretch};
