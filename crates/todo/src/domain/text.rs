use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// Why a text was refused. Says what to do, in words meant for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(&'static str);

/// The one line that says what is to be done.
///
/// At most [`Title::CHARS_MAX`] characters, one of them visible, none of them a control
/// character. White space around it is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Title(String);

impl Title {
    /// The most characters (Unicode scalar values) a title may have.
    pub const CHARS_MAX: usize = 500;

    /// What a title looks like, for the published schema and for nothing else: [`Title::parse`]
    /// is the rule, and a property test holds the two together.
    const PATTERN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

    /// Checks a title.
    ///
    /// # Errors
    ///
    /// When it is blank, too long, or has a control character such as a line break.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.chars().nth(Self::CHARS_MAX).is_some() {
            return Err(InvalidText("must have at most 500 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidText(
                "must be one line, without control characters; longer text belongs in `notes`",
            ));
        }
        match text.trim() {
            "" => Err(InvalidText("must not be blank")),
            trimmed => Ok(Self(trimmed.to_owned())),
        }
    }

    /// Takes back a title that was checked before it was stored.
    #[must_use]
    pub fn restored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Free text about a todo: at most [`Notes::CHARS_MAX`] characters, of any kind but U+0000.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Notes(String);

impl Notes {
    /// The most characters (Unicode scalar values) that notes may have.
    pub const CHARS_MAX: usize = 10_000;

    /// Checks notes.
    ///
    /// # Errors
    ///
    /// When they are too long, or hold the character U+0000, which not every database can store.
    pub fn parse(text: String) -> Result<Self, InvalidText> {
        if text.chars().nth(Self::CHARS_MAX).is_some() {
            return Err(InvalidText("must have at most 10000 characters"));
        }
        if text.contains('\0') {
            return Err(InvalidText("must not contain the character U+0000"));
        }
        Ok(Self(text))
    }

    /// Takes back notes that were checked before they were stored.
    #[must_use]
    pub fn restored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Title {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for Notes {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        Self::parse(text)
    }
}

impl From<Title> for String {
    fn from(title: Title) -> Self {
        title.0
    }
}

impl From<Notes> for String {
    fn from(notes: Notes) -> Self {
        notes.0
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
            "maxLength": Self::CHARS_MAX,
            "pattern": Self::PATTERN,
            "x-hint": "must be one line that is not blank, without control characters; longer text belongs in `notes`",
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
            "maxLength": Self::CHARS_MAX,
            "pattern": r"^[^\u0000]*$",
            "x-hint": "must not contain the character U+0000",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_visible_line() {
        let long = "é".repeat(Title::CHARS_MAX);
        for (text, expected) in [
            ("buy milk", Some("buy milk")),
            ("  buy milk ", Some("buy milk")),
            ("شراء الحليب 🥛", Some("شراء الحليب 🥛")),
            (long.as_str(), Some(long.as_str())),
            ("", None),
            (" \u{2003} ", None),
            ("two\nlines", None),
            ("nul\0", None),
            (&format!("{long}x"), None),
        ] {
            let parsed = Title::parse(text).ok();
            assert_eq!(parsed.as_ref().map(Title::as_str), expected, "{text:?}");
        }
    }

    #[test]
    fn notes_keep_every_character_but_nul() {
        let text = " line one\n\tline two ";
        assert_eq!(Notes::parse(text.to_owned()).unwrap().as_str(), text);
        assert!(Notes::parse("\0".to_owned()).is_err());
        assert!(Notes::parse("x".repeat(Notes::CHARS_MAX + 1)).is_err());
    }
}
