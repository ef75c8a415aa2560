//! Time as the ledger counts it.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Nanoseconds, since [the epoch](since_epoch) or of a stretch: plain numbers, because the ledger does sums of
/// them many times a request. Enough for 584 years.
pub(crate) type Nanos = u64;

/// A moment, since one before the first that was asked for. Earlier moments, as a test's clock may have, have
/// an hour.
pub(crate) fn since_epoch(moment: Instant) -> Nanos {
    static EPOCH: LazyLock<Instant> = LazyLock::new(|| {
        let now = Instant::now();
        now.checked_sub(Duration::from_secs(3600)).unwrap_or(now)
    });
    nanos(moment.saturating_duration_since(*EPOCH))
}

pub(crate) fn nanos(duration: Duration) -> Nanos {
    duration.as_secs() * 1_000_000_000 + u64::from(duration.subsec_nanos())
}
