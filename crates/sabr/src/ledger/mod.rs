//! The wait ledger: where the time of every request goes, and what to make of it.
#![doc = include_str!("../../docs/ledger.md")]

mod account;
mod aside;
mod assertions;
mod block_in_place;
mod body;
pub(crate) mod clock;
mod gauges;
mod job;
mod method;
#[cfg_attr(not(feature = "opentelemetry"), path = "no_opentelemetry.rs")]
mod opentelemetry;
mod overlap;
mod page;
mod poll;
#[cfg(feature = "prometheus")]
mod prometheus;
mod route;
pub mod snapshot;
mod spawn;
pub(crate) mod thread_clock;
mod wait;

pub use self::account::Ledger;
pub use self::block_in_place::block_in_place;
#[cfg(feature = "opentelemetry")]
pub use self::opentelemetry::{AlreadyRegistered, RequestSpans};
pub use self::overlap::Trial;
pub use self::page::Page;
#[cfg(feature = "prometheus")]
pub use self::prometheus::MetricsFormat;
pub use self::spawn::spawn;
pub use self::wait::{Wait, wait};
#[doc(inline)]
pub use sabr_ledger::{Phase, Phases, Severity, Thresholds, Verdict, VerdictKind};

pub(crate) use self::aside::Aside;
pub(crate) use self::body::RequestBody;
pub(crate) use self::gauges::Gauges;
pub(crate) use self::job::QueuedJob;
pub(crate) use self::opentelemetry::{Parent, Telemetry};
pub(crate) use self::overlap::Trials;
pub(crate) use self::poll::{end_here, poll_body, poll_head};
pub(crate) use self::route::{RouteTeller, TellRoute};
pub(crate) use self::thread_clock::Stretch;
