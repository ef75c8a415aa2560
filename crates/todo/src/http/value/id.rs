use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name(pub(crate) todo_core::$name);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(Hyphenated).map(|id| Self(todo_core::$name(id)))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                self.0.0.serialize(to)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": "uuid", "examples": [$example] })
            }
        }
    };
}

id!(
    /// The id of a todo.
    TodoId,
    "019b76da-a800-7000-8000-000000000001"
);
id!(
    /// The id of a checklist item.
    ItemId,
    "019b76da-a800-7000-8000-000000000002"
);
id!(
    /// The id of a person.
    UserId,
    "019a0000-0000-7000-8000-000000000001"
);

/// Parses the one form that the published schema allows. Why: `uuid` itself also accepts ids
/// without hyphens, in braces or as a URN, so one todo would have several spellings of its id.
struct Hyphenated;

impl Visitor<'_> for Hyphenated {
    type Value = Uuid;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a UUID with hyphens")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Uuid, E> {
        let uuid = Uuid::try_parse(text).ok();
        let uuid = uuid.filter(|_| text.len() == uuid::fmt::Hyphenated::LENGTH);
        uuid.ok_or_else(|| E::custom("must be a UUID (RFC 9562)"))
    }
}
