use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A time as clients see it: in UTC, always with three digits of milliseconds, so that times sort
/// as text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time(pub(super) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_of_milliseconds_and_sort_as_text() {
        let times = [
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (0, "1970-01-01T00:00:00.000Z"),
            (1_700_000_084_799, "2023-11-14T22:14:44.799Z"),
            (1_700_000_084_800, "2023-11-14T22:14:44.800Z"),
            (1_700_000_084_810, "2023-11-14T22:14:44.810Z"),
            (253_370_764_799_999, "9998-12-31T23:59:59.999Z"),
        ];
        for (millisecond, expected) in times {
            let time = Time(Timestamp::from_millisecond(millisecond).unwrap());
            assert_eq!(serde_json::to_value(time).unwrap(), expected);
        }
        assert!(times.map(|(_, text)| text).is_sorted());
    }
}
