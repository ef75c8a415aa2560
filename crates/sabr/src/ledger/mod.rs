//! The wait ledger: where the time of every request goes, and what to make of it.

mod phase;
pub mod snapshot;
mod verdict;

pub use self::phase::{Phase, Phases};
pub use self::verdict::{Severity, Verdict, VerdictKind};
