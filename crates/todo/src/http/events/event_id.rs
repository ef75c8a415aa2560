use std::fmt;
use std::str::FromStr;

use todo_core::LogPosition;

/// The number of hexadecimal digits of a tag.
const TAG_DIGITS: usize = 8;

/// A log position as the `id` of an event: the number, a hyphen, and the tag in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EventId(pub(super) LogPosition);

/// The text is not an id that the service could have sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidEventId;

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:0TAG_DIGITS$x}", self.0.number, self.0.tag)
    }
}

impl FromStr for EventId {
    type Err = InvalidEventId;

    fn from_str(text: &str) -> Result<Self, InvalidEventId> {
        let (number, tag) = text.rsplit_once('-').ok_or(InvalidEventId)?;
        let id = Self(LogPosition {
            number: number.parse().map_err(|_| InvalidEventId)?,
            tag: u32::from_str_radix(tag, 16).map_err(|_| InvalidEventId)?,
        });
        // Each position has one spelling: no plus sign, no leading zeros, no capital letters.
        if id.to_string() == text {
            Ok(id)
        } else {
            Err(InvalidEventId)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_as_it_was_sent() {
        for (number, tag) in [
            (0, 0),
            (1, u32::MAX),
            (-1, 15),
            (i64::MIN, 1),
            (i64::MAX, 0xab),
        ] {
            let id = EventId(LogPosition { number, tag });
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        let id = EventId(LogPosition {
            number: 17,
            tag: 0xbeef,
        });
        assert_eq!(id.to_string(), "17-0000beef");
    }

    #[test]
    fn what_was_never_sent_is_no_position() {
        for text in [
            "",
            "17",
            "-17",
            "17-",
            "-",
            "17-beef",
            "17-0000BEEF",
            "+17-0000beef",
            "017-0000beef",
            "17-00000beef",
            "17-+000beef",
            " 17-0000beef",
            "17-0000beef ",
            "1e3-0000beef",
            "9223372036854775808-00000000",
            "nonsense",
        ] {
            assert_eq!(text.parse::<EventId>(), Err(InvalidEventId), "{text:?}");
        }
    }
}
