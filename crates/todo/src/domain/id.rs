use std::fmt;
use std::sync::Mutex;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use uuid::{ContextV7, Uuid};

/// A new UUIDv7. The ids of one process sort in the order of their creation, whatever the clock
/// does.
#[must_use]
pub fn new_uuid(now: Timestamp) -> Uuid {
    static CONTEXT: Mutex<ContextV7> = Mutex::new(ContextV7::new());
    // The format counts from 1970. The context draws a new random number whenever the time
    // advances, so its own time must start at zero.
    let millisecond = now.as_millisecond().max(1).cast_unsigned();
    let nanosecond = (millisecond % 1000) as u32 * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(
        &CONTEXT,
        millisecond / 1000,
        nanosecond,
    ))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $example:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
        )]
        #[schemars(inline, extend("examples" = [$example]))]
        pub struct $name(#[serde(deserialize_with = "hyphenated")] pub Uuid);

        impl $name {
            /// Makes a new id: a UUIDv7 (RFC 9562), so that ids sort by the time they were made.
            #[must_use]
            pub fn generate(now: Timestamp) -> Self {
                Self(new_uuid(now))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id!(
    /// Names a todo.
    TodoId,
    "019b76da-a800-7000-8000-000000000001"
);
id!(
    /// Names a checklist item.
    ItemId,
    "019b76da-a800-7000-8000-000000000002"
);
id!(
    /// Names a person.
    UserId,
    "019a0000-0000-7000-8000-000000000001"
);

/// Parses the one form that the published schema allows. `uuid` itself also accepts ids without
/// hyphens, in braces or as a URN, so one todo would have several names.
fn hyphenated<'de, D: Deserializer<'de>>(from: D) -> Result<Uuid, D::Error> {
    struct Hyphenated;

    impl Visitor<'_> for Hyphenated {
        type Value = Uuid;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a UUID with hyphens")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Uuid, E> {
            let uuid = Uuid::try_parse(text).ok();
            let uuid = uuid.filter(|_| text.len() == uuid::fmt::Hyphenated::LENGTH);
            uuid.ok_or_else(|| E::custom("must be a UUID (RFC 9562)"))
        }
    }

    from.deserialize_str(Hyphenated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_at_any_time() {
        let times = [
            "-009999-01-02T01:59:59Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00Z",
        ];
        for time in times {
            let (one, two) = (
                new_uuid(time.parse().unwrap()),
                new_uuid(time.parse().unwrap()),
            );
            assert_ne!(one, two);
            assert_eq!(one.get_version_num(), 7, "{time}");
        }
    }

    #[test]
    fn ids_sort_in_the_order_they_were_made_whatever_the_clock_does() {
        let times = [
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "1969-01-01T00:00:00Z",
        ];
        let ids = times.map(|time| new_uuid(time.parse().unwrap()));
        assert!(ids.is_sorted(), "{ids:?}");
    }
}
