use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use todo_core::InvalidText;

/// A title, as a JSON string.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Title(pub(crate) todo_core::Title);

/// Notes, as a JSON string.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Notes(pub(crate) todo_core::Notes);

impl TryFrom<String> for Title {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        todo_core::Title::parse(&text).map(Self)
    }
}

impl TryFrom<String> for Notes {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        todo_core::Notes::parse(text).map(Self)
    }
}

/// The pattern of a title in the published schema. The actual rule is [`todo_core::Title::parse`],
/// and a test compares the two.
///
/// The pattern lists the invisible characters up to U+FFFF one by one, because the regular
/// expressions of some clients do not support Unicode properties. It leaves out the few beyond
/// U+FFFF, because some clients cannot write those in a pattern.
const TITLE_PATTERN: &str = concat!(
    r"^[^\u0000-\u001f\u007f-\u009f]*",
    r"[^\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f",
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]",
    r"[^\u0000-\u001f\u007f-\u009f]*$",
);

impl JsonSchema for Title {
    fn schema_name() -> Cow<'static, str> {
        "Title".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": todo_core::Title::CHARS_MAX,
            "pattern": TITLE_PATTERN,
            "x-hint": "must be one line with a character that can be seen, without control characters; longer text belongs in `notes`",
            "examples": ["Buy milk"],
        })
    }
}

impl JsonSchema for Notes {
    fn schema_name() -> Cow<'static, str> {
        "Notes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": todo_core::Notes::CHARS_MAX,
            "pattern": r"^[^\u0000]*$",
            "x-hint": "must not contain the character U+0000",
            "examples": ["Two bottles, and the bread"],
        })
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn the_published_pattern_follows_the_rule() {
        let pattern = Regex::new(TITLE_PATTERN).unwrap();
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            let taken = todo_core::Title::parse(&text).is_ok();
            let matches = pattern.is_match(&text);
            assert!(matches || !taken, "{c:?} is taken against the pattern");
            assert!(
                taken || !matches || c > '\u{ffff}',
                "{c:?} matches and is refused"
            );
        }
    }
}
