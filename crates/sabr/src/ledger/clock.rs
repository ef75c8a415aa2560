//! Time as the ledger counts it.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sabr_ledger::{Nanos, nanos};

/// What time it is by the system's clock, which never goes back.
///
/// On Linux this is the clock of [`Instant`], read with half the work: an `Instant` first has to be taken from
/// another one to become a number.
#[inline]
#[cfg(target_os = "linux")]
pub(crate) fn now() -> Nanos {
    use nix::time::{ClockId, clock_gettime};

    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(1, |time| {
        time.tv_sec().cast_unsigned() * 1_000_000_000 + time.tv_nsec().cast_unsigned()
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn now() -> Nanos {
    of_instant(Instant::now())
}

/// A moment of a test's clock. Its epoch lies an hour before the first that was asked for, so that earlier moments
/// can be told, too.
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
