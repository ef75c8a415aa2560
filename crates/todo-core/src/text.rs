use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

/// Why a text was refused. The message tells the sender what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(&'static str);

/// The title of a todo or item: one line that says what is to be done.
///
/// It has at most [`Title::CHARS_MAX`] characters. At least one of them is visible, and none is a
/// control character. White space around the title is removed; everything else stays as it was
/// sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// The largest length of a title, in characters (Unicode scalar values).
    pub const CHARS_MAX: usize = 500;

    /// Checks a title.
    ///
    /// # Errors
    ///
    /// When the text has no visible character, is too long, or has a control character such as a
    /// line break.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.chars().nth(Self::CHARS_MAX).is_some() {
            return Err(InvalidText("must have at most 500 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidText(
                "must be one line, without control characters; longer text belongs in `notes`",
            ));
        }
        if !is_visible(text) {
            return Err(InvalidText(
                "must have a character that can be seen; this is blank",
            ));
        }
        Ok(Self(text.trim().to_owned()))
    }

    /// A title from the store, without a check: it was checked before it was stored.
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

/// Whether the text has a visible character. `assets/web/words.js` has the same rule; a test
/// compares them.
fn is_visible(text: &str) -> bool {
    /// Matches a visible character. The characters that Unicode calls ignorable (joiners, direction
    /// marks, variation selectors, fillers) are invisible by themselves. So are the blank Braille
    /// pattern, the annotation anchors and the null notehead, which do not have that property.
    static VISIBLE: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u{2800}\u{FFF9}-\u{FFFB}\u{1D159}]";
        Regex::new(pattern).expect("the pattern is a constant, and tests use it")
    });
    // Almost every title has a visible ASCII character. Then the slower regular expression is not
    // needed.
    text.bytes().any(|byte| byte.is_ascii_graphic()) || VISIBLE.is_match(text)
}

/// Free text about a todo. It has at most [`Notes::CHARS_MAX`] characters, which may be any except
/// U+0000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes(String);

impl Notes {
    /// The largest length of notes, in characters (Unicode scalar values).
    pub const CHARS_MAX: usize = 10_000;

    /// Checks notes.
    ///
    /// # Errors
    ///
    /// When the text is too long, or contains U+0000, which not every database can store.
    pub fn parse(text: String) -> Result<Self, InvalidText> {
        if text.chars().nth(Self::CHARS_MAX).is_some() {
            return Err(InvalidText("must have at most 10000 characters"));
        }
        if text.contains('\0') {
            return Err(InvalidText("must not contain the character U+0000"));
        }
        Ok(Self(text))
    }

    /// Notes from the store, without a check: they were checked before they were stored.
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
            // Joiners and selectors between visible characters are part of the text.
            (
                "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}",
                Some("👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}"),
            ),
            ("می\u{200c}خواهم", Some("می\u{200c}خواهم")),
            ("\u{202e}abc", Some("\u{202e}abc")),
            ("\u{feff}x", Some("\u{feff}x")),
            // A combining mark alone is visible, although it has no base character.
            ("\u{301}", Some("\u{301}")),
            ("\u{200b}", None),
            ("\u{feff}", None),
            ("\u{3164}", None),
            ("\u{202e}\u{202c}", None),
            ("\u{2060}", None),
            ("\u{ad}", None),
            ("\u{115f}\u{1160}", None),
            ("\u{17b4}\u{17b5}", None),
            ("\u{180e}", None),
            ("\u{2800}\u{2800}", None),
            ("\u{fe0f}", None),
            ("\u{e0041}\u{e0100}", None),
            ("\u{1d173}", None),
            (" \u{200d} \u{a0}\u{200b}\u{2003}", None),
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
