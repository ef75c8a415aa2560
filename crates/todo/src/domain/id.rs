use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
        )]
        #[schemars(inline)]
        pub struct $name(#[serde(deserialize_with = "hyphenated")] pub Uuid);

        impl $name {
            /// Makes a new id: a UUIDv7 (RFC 9562), so that ids sort by the time they were made.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
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
    TodoId
);
id!(
    /// Names a checklist item.
    ItemId
);
id!(
    /// Names a person.
    UserId
);

/// Reads the one form that the published schema allows. `uuid` itself would also take an id without hyphens, in braces
/// or as a URN, so that one todo had several names.
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
