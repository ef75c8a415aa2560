//! The clock, which is passed in so that tests can control the time.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// The range of [`Clock::now`], in milliseconds since 1970: from year 0 to the end of 9998. Years
/// in this range have four digits, so times sort as text. The year 9999 is left for `updated_at`,
/// which increases with each change.
const RANGE_MS: (i64, i64) = (-62_167_219_200_000, 253_370_764_799_999);

/// A clock with a resolution of one millisecond, the resolution at which times are stored.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of the machine.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn system() -> Self {
        Self::from_fn(|| machine_time(SystemTime::now()))
    }

    /// A clock that reads `time`.
    pub fn from_fn(time: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(time))
    }

    /// The present time, rounded down to the millisecond. It is clamped to the years 0 to 9998.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = (self.0)();
        let millisecond = now.as_millisecond().clamp(RANGE_MS.0, RANGE_MS.1);
        Timestamp::from_millisecond(millisecond).unwrap_or(now)
    }
}

/// Converts a time of the machine's clock. Why not `Timestamp::now`: it panics if a `Timestamp`
/// cannot express the time. This function returns the nearest time that a `Timestamp` can express.
#[must_use]
pub fn machine_time(now: SystemTime) -> Timestamp {
    let limit = match now < UNIX_EPOCH {
        true => Timestamp::MIN,
        false => Timestamp::MAX,
    };
    Timestamp::try_from(now).unwrap_or(limit)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn any_time_of_the_machine_becomes_one_with_four_digits_for_the_year() {
        let seconds = |seconds| Duration::from_secs(seconds);
        for (time, expected) in [
            (UNIX_EPOCH, "1970-01-01T00:00:00Z"),
            (UNIX_EPOCH - seconds(1), "1969-12-31T23:59:59Z"),
            (UNIX_EPOCH - seconds(1 << 40), "0000-01-01T00:00:00Z"),
            (UNIX_EPOCH + seconds(1 << 37), "6325-04-08T15:04:32Z"),
            (
                UNIX_EPOCH + seconds(253_402_300_799),
                "9998-12-31T23:59:59.999Z",
            ),
            (UNIX_EPOCH + seconds(1 << 62), "9998-12-31T23:59:59.999Z"),
        ] {
            let clock = Clock::from_fn(move || machine_time(time));
            assert_eq!(clock.now().to_string(), expected);
        }
    }
}
