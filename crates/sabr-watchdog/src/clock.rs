/// The present time in nanoseconds by the monotonic clock of the system. Never 0.
///
/// On Linux this is the clock of [`Instant`](std::time::Instant), read with half the work, because
/// no subtraction is needed to get a number.
#[inline]
#[must_use]
#[cfg(target_os = "linux")]
pub fn now_ns() -> u64 {
    use nix::time::{ClockId, clock_gettime};

    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(1, |time| {
        let ns = time.tv_sec().cast_unsigned() * 1_000_000_000 + time.tv_nsec().cast_unsigned();
        ns.max(1)
    })
}

/// The present time in nanoseconds by the monotonic clock of the system, since an hour before the
/// first call. Never 0.
#[must_use]
#[cfg(not(target_os = "linux"))]
pub fn now_ns() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;

    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    let elapsed = FIRST.elapsed();
    (3600 + elapsed.as_secs()) * 1_000_000_000 + u64::from(elapsed.subsec_nanos())
}
