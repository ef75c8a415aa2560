//! Reads clocks: the time, and how a thread spent it.

mod switches;
mod system;
mod thread;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use sabr_ledger::Nanos;

pub(crate) use self::system::unix_time;
pub(crate) use self::thread::{Stretch, tells_blocked_from_busy};

use self::switches::Switches;

/// The clock of one `Sabr`: that of the system, or one that a test injects.
#[derive(Clone, Default)]
pub(crate) struct Clock {
    injected: Option<Arc<dyn Fn() -> Instant + Send + Sync>>,
}

impl Clock {
    pub(crate) fn injected(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        let injected = Some(Arc::new(now) as _);
        Self { injected }
    }

    pub(crate) fn now(&self) -> Instant {
        self.injected
            .as_ref()
            .map_or_else(Instant::now, |now| now())
    }

    /// Whether a test injects its time.
    pub(crate) fn is_injected(&self) -> bool {
        self.injected.is_some()
    }

    /// The present time in nanoseconds, as the ledger counts it.
    pub(crate) fn nanos(&self) -> Nanos {
        match &self.injected {
            Some(now) => system::of_instant(now()),
            None => system::now(),
        }
    }

    /// The context switches of this thread. `None` under an injected clock, because they belong to
    /// real time.
    pub(crate) fn switches(&self) -> Option<Switches> {
        match self.injected {
            Some(_) => None,
            None => Switches::of_this_thread(),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").finish_non_exhaustive()
    }
}
