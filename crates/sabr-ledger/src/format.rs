//! Numbers as people write them.

use std::time::Duration;

use crate::time::{Nanos, nanos};

/// Nanoseconds with at least two significant digits, in the unit that suits them.
///
/// ```
/// use sabr_ledger::format::time;
///
/// assert_eq!(time(1_234), "1.2 µs");
/// assert_eq!(time(250_000), "250 µs");
/// assert_eq!(time(3_000_000_000), "3.0 s");
/// ```
#[must_use]
pub fn time(nanos: Nanos) -> String {
    let (value, unit) = match nanos {
        ..1_000_000 => (nanos as f64 / 1e3, "µs"),
        1_000_000..1_000_000_000 => (nanos as f64 / 1e6, "ms"),
        _ => (nanos as f64 / 1e9, "s"),
    };
    if value < 9.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// A [`Duration`] as [`time`] writes it.
#[must_use]
pub fn duration(duration: Duration) -> String {
    time(nanos(duration))
}

/// A count with a comma after each group of three digits: `12,345`.
///
/// ```
/// assert_eq!(sabr_ledger::format::count(1_234_567), "1,234,567");
/// ```
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share of one in percent: `3.1 %`, `98 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let share = share * 100.0;
    if share > 0.0 && share < 9.95 {
        format!("{share:.1} %")
    } else {
        format!("{share:.0} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_counts_read_as_people_write_them() {
        let check = |nanos, expected: &str| assert_eq!(time(nanos), expected);
        check(0, "0.0 µs");
        check(1_234, "1.2 µs");
        check(250_000, "250 µs");
        check(1_500_000, "1.5 ms");
        check(3_000_000_000, "3.0 s");
        check(12_000_000_000, "12 s");
        assert_eq!(count(1), "1");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(percent(0.031), "3.1 %");
        assert_eq!(percent(0.98), "98 %");
    }
}
