//! Formats numbers for people.

use sabr_ledger::format;

/// A time with three digits and a unit: `5.00 s`, `412 ms`, `85.0 µs`.
///
/// Why not the two digits of the ledger: experiments compare times that differ by a few percent.
pub(super) fn time(seconds: f64) -> String {
    let (number, unit) = match seconds {
        s if s >= 0.9995 => (s, "s"),
        s if s >= 0.000_999_5 => (s * 1e3, "ms"),
        s => (s * 1e6, "µs"),
    };
    format!("{} {unit}", digits(number))
}

/// A round time for an axis: `0`, `2 s`, `250 ms`.
pub(super) fn round_time(seconds: f64) -> String {
    let (number, unit) = match seconds {
        s if s <= 0.0 => return "0".to_owned(),
        s if s >= 0.9995 => (s, "s"),
        s if s >= 0.000_999_5 => (s * 1e3, "ms"),
        s => (s * 1e6, "µs"),
    };
    format!("{} {unit}", (number * 1e3).round() / 1e3)
}

/// A count with separators: `1,000`.
pub(super) fn count(number: usize) -> String {
    format::count(u64::try_from(number).unwrap_or(u64::MAX))
}

/// The ratio of two numbers: `25.0 times`.
pub(super) fn times(more: f64, less: f64) -> String {
    format!("{} times", digits(more / less.max(f64::MIN_POSITIVE)))
}

/// A number of bytes, in megabytes: `61.2 MB`.
pub(super) fn memory(bytes: Option<u64>) -> String {
    bytes.map_or_else(
        || "not known here".to_owned(),
        |bytes| format!("{} MB", digits(bytes as f64 / 1e6)),
    )
}

fn digits(number: f64) -> String {
    match number {
        n if n < 9.995 => format!("{n:.2}"),
        n if n < 99.95 => format!("{n:.1}"),
        n if n < 999.5 => format!("{n:.0}"),
        n => count(n.round().clamp(0.0, 1e15) as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        for (seconds, expected) in [
            (5.004, "5.00 s"),
            (25.06, "25.1 s"),
            (1000.2, "1,000 s"),
            (0.4124, "412 ms"),
            (0.9996, "1.00 s"),
            (0.001, "1.00 ms"),
            (0.000_085, "85.0 µs"),
            (0.0, "0.00 µs"),
        ] {
            assert_eq!(time(seconds), expected);
        }
    }
}
