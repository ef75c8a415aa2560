//! The clocks of the system.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sabr_ledger::{Nanos, nanos};

/// The present time by the monotonic clock of the system.
#[inline]
pub(crate) fn now() -> Nanos {
    sabr_watchdog::now_ns()
}

/// A moment of an injected clock, in nanoseconds. The epoch is an hour before the first call, so
/// that a test can use earlier moments too.
pub(crate) fn of_instant(moment: Instant) -> Nanos {
    static EPOCH: LazyLock<Instant> = LazyLock::new(|| {
        let now = Instant::now();
        now.checked_sub(Duration::from_secs(3600)).unwrap_or(now)
    });
    nanos(moment.saturating_duration_since(*EPOCH))
}

/// The time since 1970 by the system's calendar.
pub(crate) fn unix_time() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
