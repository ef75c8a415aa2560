//! Units of time.

use std::time::Duration;

/// Nanoseconds: either since an epoch that the caller chose, or of a stretch of time.
///
/// A plain number, because the ledger adds several of them in every request. 64 bits last for 584
/// years.
pub type Nanos = u64;

/// A [`Duration`] in nanoseconds.
///
/// Durations of more than 584 years wrap in release builds and panic in debug builds; no measured
/// time is that long.
///
/// ```
/// assert_eq!(sabr_ledger::nanos(std::time::Duration::from_millis(3)), 3_000_000);
/// ```
#[must_use]
pub fn nanos(duration: Duration) -> Nanos {
    duration.as_secs() * 1_000_000_000 + u64::from(duration.subsec_nanos())
}

/// Nanoseconds in seconds.
///
/// ```
/// assert_eq!(sabr_ledger::seconds(1_500_000_000), 1.5);
/// ```
#[must_use]
pub fn seconds(nanos: Nanos) -> f64 {
    nanos as f64 / 1e9
}
