//! Parses a body as the type of an operation. If that fails, lists every mistake in the body.

use std::any::Any;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::document::{Document, Unreadable};
use super::pointer::escaped;
use super::schema::Shape;
use super::strict::Strict;
use crate::http::problem::{FieldError, Problem, kind};

pub(super) fn parse<T: DeserializeOwned + JsonSchema + Any>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    T::deserialize(Strict(&mut json))
        .and_then(|value| json.end().map(|()| value))
        .map_err(|_| explain::<T>(body))
}

/// Explains why a body could not be parsed. It parses the text again into a value, because serde
/// stops at the first mistake.
fn explain<T: DeserializeOwned + JsonSchema + Any>(body: &[u8]) -> Problem {
    match Document::read(body) {
        Ok(document) => Problem::invalid(mistakes::<T>(document)),
        Err(Unreadable::Malformed(detail)) => Problem::new(&kind::MALFORMED_JSON, detail),
        Err(Unreadable::Unrepresentable { pointer, detail }) => {
            Problem::invalid(vec![FieldError::body(pointer, detail)])
        }
    }
}

fn mistakes<T: DeserializeOwned + JsonSchema + Any>(document: Document) -> Vec<FieldError> {
    let repeated = document.repeated.into_iter();
    let repeated = repeated.map(|pointer| FieldError::body(pointer, "must be given only once"));
    let shape = Shape::of::<T>();
    let mistakes = shape.map(|shape| shape.mistakes(&document.value));
    let mistakes = mistakes.into_iter().flatten();
    let mistakes = mistakes.map(|mistake| FieldError::body(mistake.pointer, mistake.detail));
    let errors: Vec<_> = repeated.chain(mistakes).collect();
    if !errors.is_empty() {
        return errors;
    }
    // The type has a rule that its schema cannot express. Deserialising the type finds the field,
    // and the schema's `x-hint` for that field states the rule.
    let pointer = refused_at::<T>(document.value);
    let hint = shape.map(|shape| shape.hint_at(&pointer));
    vec![FieldError::body(pointer, hint.unwrap_or_default())]
}

/// The JSON pointer of the field at which deserialising the type fails.
fn refused_at<T: DeserializeOwned>(value: serde_json::Value) -> String {
    use serde_path_to_error::Segment;

    let Err(error) = serde_path_to_error::deserialize::<_, T>(Strict(value)) else {
        return String::new();
    };
    let segments = error.path().iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => format!("/{}", escaped(key)),
        Segment::Unknown => String::new(),
    });
    segments.collect()
}

#[cfg(test)]
mod tests;
