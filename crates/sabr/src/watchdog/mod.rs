//! Sees a stall while it lasts: a thread of the event loop inside one poll of a request, or of a background task,
//! for too long.
//!
//! A thread says in its [`slot`] which poll it is inside of. The [`watch`] thread, one for each `Sabr`, looks at
//! the slots some forty times a second, decides by the rule in [`sight`], and has the [`reporter`] say so in the log,
//! at most as often as the [`limiter`] lets it. With the feature `stacks`, on Linux, the log names the line: at the
//! first stall it takes a tenth of a second, of an optimized program, and tens of megabytes to read the debug
//! information; later a millisecond.
//!
//! It is not the code's fault that a machine has too few cores: what the kernel's scheduler explains, and what
//! kept the watchdog itself from looking, is not held against a request.

mod doze;
mod limiter;
mod polled;
mod report;
mod reporter;
mod schedule;
mod sight;
mod slot;
#[cfg_attr(
    not(all(
        feature = "stacks",
        target_os = "linux",
        target_env = "gnu",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "no_stack.rs"
)]
mod stack;
#[cfg(all(
    test,
    feature = "stacks",
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod stack_tests;
mod stalls;
#[cfg(test)]
mod tests;
mod watch;
mod watched;

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub(crate) use self::polled::{Names, Polled};
pub(crate) use self::slot::{Inside, What, enter, name, pause};
pub(crate) use self::watched::Watched;

use self::report::Report;
use self::stalls::Stalls;
use self::watch::{Settings, Watch};
use crate::ledger::snapshot::StallSnapshot;

/// The watchdog of one ledger. Its thread ends when it is dropped.
pub(crate) struct Watchdog {
    limit: Duration,
    ledger: u32,
    stalls: Arc<Stalls>,
    /// Nothing in it if the thread could not be started.
    watch: OnceLock<Option<Watch>>,
}

impl Watchdog {
    /// For the polls of one ledger that last longer than `limit`; for none if that is zero.
    pub(crate) fn new(limit: Duration) -> Self {
        static LEDGERS: AtomicU32 = AtomicU32::new(0);
        Self {
            limit,
            ledger: LEDGERS.fetch_add(1, Ordering::Relaxed),
            stalls: Arc::default(),
            watch: OnceLock::new(),
        }
    }

    /// Starts the thread, if it has not been: at the first request. Cheap after that.
    ///
    /// `names` is kept until the thread ends: it must not keep the owner of this alive.
    #[inline]
    pub(crate) fn start(&self, names: impl FnOnce() -> Names) {
        if self.watch.get().is_none() {
            self.start_with(names(), Box::new(Report::log));
        }
    }

    #[cold]
    fn start_with(&self, names: Names, report: Box<dyn FnMut(&Report) + Send>) {
        self.watch.get_or_init(|| {
            if self.limit.is_zero() {
                return None;
            }
            Watch::start(Settings {
                limit: self.limit,
                ledger: self.ledger,
                names,
                stalls: Arc::clone(&self.stalls),
                report,
            })
        });
    }

    /// A poll of its ledger.
    #[inline]
    pub(crate) fn poll_of(&self, polled: Polled) -> What {
        let ledger = self.ledger;
        What { ledger, polled }
    }

    /// How many stalls there were.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn stall_count(&self) -> u64 {
        self.stalls.count()
    }

    /// The last stalls, the newest first; those in progress with how long they last now.
    pub(crate) fn stalls(&self) -> Vec<StallSnapshot> {
        self.stalls.snapshot()
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog")
            .field("limit", &self.limit)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}
