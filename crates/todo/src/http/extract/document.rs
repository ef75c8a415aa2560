//! Parses JSON into a value, and also reports two things that a value cannot hold: duplicate
//! fields, and where parsing stopped.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::pointer::escaped;
use super::schema::ERRORS_MAX;

/// The depth to which values are kept. No schema is this deep. Deeper values are checked for syntax
/// and dropped, so that no text exhausts the stack.
const DEPTH_MAX: usize = 32;

/// A JSON text that was parsed to its end.
#[derive(Debug)]
pub(super) struct Document {
    /// The value. It holds the last occurrence of a duplicate field.
    pub value: Value,
    /// The JSON pointers of duplicate fields.
    pub repeated: Vec<String>,
}

/// Why a text could not be parsed to its end.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// A syntax error: what is wrong, and where.
    Malformed(String),
    /// Valid JSON, but no value can hold the number or string at the pointer.
    Unrepresentable {
        pointer: String,
        detail: &'static str,
    },
}

impl Document {
    pub(super) fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let text = text(body).map_err(Unreadable::Malformed)?;
        let mut reading = Reading::default();
        let mut json = serde_json::Deserializer::from_str(text);
        let node = Node {
            reading: &mut reading,
            depth: 0,
        };
        let value = node
            .deserialize(&mut json)
            .and_then(|value| json.end().map(|()| value))
            .map_err(|error| why(&error, reading.pointer))?;
        Ok(Self {
            value,
            repeated: reading.repeated,
        })
    }
}

/// The body as text, or why it is not UTF-8.
fn text(body: &[u8]) -> Result<&str, String> {
    if body.trim_ascii().is_empty() {
        return Err("the body is empty".to_owned());
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        let mut lines = body[..error.valid_up_to()].split(|byte| *byte == b'\n');
        let column = lines.next_back().map_or(0, <[u8]>::len) + 1;
        let line = lines.count() + 1;
        format!("the body is not UTF-8 (line {line}, column {column})")
    })?;
    if text.starts_with('\u{feff}') {
        let advice = "the body begins with a byte order mark; send it without (line 1, column 1)";
        return Err(advice.to_owned());
    }
    Ok(text)
}

fn why(error: &serde_json::Error, pointer: String) -> Unreadable {
    let reason = error.to_string();
    let is = |reasons: &[&str]| reasons.iter().any(|known| reason.starts_with(known));
    // The root is not a field. A value there that cannot be held is reported by its line and
    // column.
    if !pointer.is_empty() {
        if is(&["number out of range"]) {
            let detail = "is a number too large to be read";
            return Unreadable::Unrepresentable { pointer, detail };
        }
        if is(SURROGATES) {
            let detail = "must not contain half of a surrogate pair, such as `\\ud800` alone";
            return Unreadable::Unrepresentable { pointer, detail };
        }
    }
    let words = REASONS.iter().find(|(known, _)| is(known));
    let words = words.map_or("it is not JSON from here on", |(_, words)| words);
    let (line, column) = (error.line(), error.column());
    Unreadable::Malformed(format!("{words} (line {line}, column {column})"))
}

const SURROGATES: &[&str] = &["lone leading surrogate", "unexpected end of hex escape"];

/// The beginnings of `serde_json`'s messages, and the messages for clients that replace them.
const REASONS: &[(&[&str], &str)] = &[
    (
        &["EOF while parsing"],
        "the body ends in the middle of a value",
    ),
    (
        &["trailing characters"],
        "more follows after the end of the value",
    ),
    (&["trailing comma"], "a comma is followed by nothing"),
    (&["expected `:`"], "a colon is missing after a field's name"),
    (&["expected `,`"], "a comma or a closing bracket is missing"),
    (
        &["key must be a string"],
        "a field's name must be a string in double quotes",
    ),
    (
        &["expected value", "expected ident"],
        "no JSON value begins here",
    ),
    (
        &["invalid number"],
        "a number is not written as JSON writes numbers",
    ),
    (&["number out of range"], "a number is too large to be read"),
    (
        &["invalid escape"],
        "a string has an escape that JSON does not know",
    ),
    (
        &["control character"],
        "a string has a control character that must be escaped",
    ),
    (SURROGATES, "a string has half of a surrogate pair"),
];

#[derive(Default)]
struct Reading {
    /// The pointer of the value that is being parsed. After an error, the pointer where parsing
    /// stopped.
    pointer: String,
    repeated: Vec<String>,
}

impl Reading {
    fn note_repeated(&mut self) {
        if self.repeated.len() < ERRORS_MAX && !self.repeated.contains(&self.pointer) {
            self.repeated.push(self.pointer.clone());
        }
    }

    /// Runs `read` with `name`, a field's name or an index, appended to the pointer. An error
    /// leaves the pointer as it is, so that it shows where parsing stopped.
    fn within<T, E>(
        &mut self,
        name: impl fmt::Display,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let len = self.pointer.len();
        self.pointer += &format!("/{name}");
        let read = read(self)?;
        self.pointer.truncate(len);
        Ok(read)
    }
}

/// Deserialises one value at some depth of the text.
struct Node<'a> {
    reading: &'a mut Reading,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        if self.depth == DEPTH_MAX {
            return from
                .deserialize_ignored_any(IgnoredAny)
                .map(|_| Value::Null);
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let depth = self.depth + 1;
        let mut found = Vec::new();
        loop {
            let element = self.reading.within(found.len(), |reading| {
                elements.next_element_seed(Node { reading, depth })
            })?;
            match element {
                Some(element) => found.push(element),
                None => return Ok(found.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let depth = self.depth + 1;
        let mut found = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let again = found.contains_key(&name);
            let value = self.reading.within(escaped(&name), |reading| {
                if again {
                    reading.note_repeated();
                }
                fields.next_value_seed(Node { reading, depth })
            })?;
            found.insert(name, value);
        }
        Ok(found.into())
    }
}
