use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use sabr_ledger::Nanos;

use super::switches::Switches;
use crate::ledger::clock;

/// Where the time of a call comes from: the system, or a test.
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

    /// Whether its time is a test's.
    pub(crate) fn is_injected(&self) -> bool {
        self.injected.is_some()
    }

    /// [`now`](Self::now), as the ledger counts.
    pub(crate) fn nanos(&self) -> Nanos {
        match &self.injected {
            Some(now) => clock::of_instant(now()),
            None => clock::now(),
        }
    }

    /// How often this thread gave the CPU up or lost it; not known under an injected clock, whose time
    /// has nothing to do with it.
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
