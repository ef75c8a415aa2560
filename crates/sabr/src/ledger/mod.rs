//! The wait ledger: where the time of every request goes, and the verdict on every endpoint.
#![doc = include_str!("../../docs/ledger.md")]

mod assertions;
mod handle;
#[cfg(feature = "opentelemetry")]
mod opentelemetry;
mod page;
#[cfg(feature = "prometheus")]
mod prometheus;
pub mod snapshot;

pub use self::handle::Ledger;
pub use self::page::Page;
#[cfg(feature = "prometheus")]
pub use self::prometheus::MetricsFormat;
pub use crate::request::{Trial, Wait, block_in_place, spawn, wait};
#[cfg(feature = "opentelemetry")]
pub use crate::telemetry::{AlreadyRegistered, RequestSpans};
#[doc(inline)]
pub use sabr_ledger::{Phase, Phases, RouteRule, Severity, Thresholds, Verdict, VerdictKind};
