//! Finds every mistake in a value, by validating it against the published schema of its type.
//!
//! A valid request never needs this: `serde` parses it directly into its type. Only when that fails
//! is the value validated, because `serde` stops at the first mistake.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use parking_lot::Mutex;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::pointer::{escaped, unescaped};

/// The largest number of errors in one response.
pub(super) const ERRORS_MAX: usize = 50;

/// The schema of a type, compiled for validation.
#[derive(Debug)]
pub(super) struct Shape {
    schema: Value,
    validator: Validator,
}

/// One mistake in a value. `pointer` is a JSON pointer (RFC 6901) to the wrong part.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub pointer: String,
    pub detail: String,
}

impl Shape {
    /// The shape of `T`. It is compiled once per type and kept for the life of the process. `None`
    /// if the schema does not compile.
    pub(super) fn of<T: JsonSchema + Any>() -> Option<&'static Self> {
        static SHAPES: LazyLock<Mutex<HashMap<TypeId, Option<&'static Shape>>>> =
            LazyLock::new(Mutex::default);
        *SHAPES
            .lock()
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Self::new::<T>().map(|shape| &*Box::leak(Box::new(shape))))
    }

    fn new<T: JsonSchema>() -> Option<Self> {
        let generator = SchemaSettings::draft2020_12()
            .for_deserialize()
            .with(|settings| settings.inline_subschemas = true)
            .into_generator();
        let schema = generator.into_root_schema_for::<T>().to_value();
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .inspect_err(|error| tracing::error!(%error, "cannot compile a JSON schema"))
            .ok()?;
        Some(Self { schema, validator })
    }

    /// The mistakes in the value, up to [`ERRORS_MAX`].
    pub(super) fn mistakes(&self, value: &Value) -> Vec<Mistake> {
        self.validator
            .iter_errors(value)
            .flat_map(|error| self.describe(&error))
            .take(ERRORS_MAX)
            .collect()
    }

    /// Whether the schema allows a top-level property to have this JSON type.
    pub(super) fn allows(&self, property: &str, json_type: &str) -> bool {
        match &self.schema["properties"][property]["type"] {
            Value::String(name) => name == json_type,
            Value::Array(names) => names.iter().any(|name| name == json_type),
            _ => false,
        }
    }

    /// The schema's `x-hint` for the value at a pointer. It states a rule that the schema itself
    /// cannot express.
    pub(super) fn hint_at(&self, pointer: &str) -> String {
        let mut place = &self.schema;
        for name in pointer.split('/').skip(1) {
            let inner = &place["properties"][unescaped(name)];
            place = if inner.is_null() {
                &place["items"]
            } else {
                inner
            };
        }
        let hint = place["x-hint"].as_str();
        hint.unwrap_or("is not a value that can be taken")
            .to_owned()
    }

    fn describe(&self, error: &ValidationError<'_>) -> Vec<Mistake> {
        let at = error.instance_path().as_str();
        let within = |name: &str| format!("{at}/{}", escaped(name));
        let (pointer, detail) = match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                return unexpected
                    .iter()
                    .map(|name| Mistake {
                        pointer: within(name),
                        detail: format!("is not known here; known are {}", self.known()),
                    })
                    .collect();
            }
            ValidationErrorKind::Required { property } => (
                within(property.as_str().unwrap_or_default()),
                "is required".to_owned(),
            ),
            ValidationErrorKind::Type { kind } => (
                at.to_owned(),
                format!(
                    "must be {}, not {}",
                    expected(kind),
                    name_of(error.instance())
                ),
            ),
            ValidationErrorKind::MinLength { limit: 1 } => {
                (at.to_owned(), "must not be empty".to_owned())
            }
            ValidationErrorKind::MaxLength { limit } => (
                at.to_owned(),
                format!("must have at most {limit} characters"),
            ),
            ValidationErrorKind::Minimum { limit } => {
                (at.to_owned(), format!("must be at least {limit}"))
            }
            ValidationErrorKind::Maximum { limit } => {
                (at.to_owned(), format!("must be at most {limit}"))
            }
            ValidationErrorKind::Format { format } if format == "uuid" => {
                (at.to_owned(), "must be a UUID (RFC 9562)".to_owned())
            }
            _ => (at.to_owned(), self.hint(error)),
        };
        vec![Mistake { pointer, detail }]
    }

    /// The description of a broken rule for which [`describe`](Self::describe) has no text: the
    /// schema's `x-hint`, the choices of an enumeration, or the validator's own message.
    fn hint(&self, error: &ValidationError<'_>) -> String {
        let path = error.schema_path().as_str();
        let rule = path.rsplit_once('/').map_or("", |(rule, _)| rule);
        let rule = self.schema.pointer(rule).unwrap_or(&Value::Null);
        match (&rule["x-hint"], choices(rule)) {
            (Value::String(hint), _) => hint.clone(),
            (_, Some(choices)) => format!("must be one of {choices}"),
            _ => error.to_string(),
        }
    }

    fn known(&self) -> String {
        let names = self.schema["properties"].as_object();
        let names = names.into_iter().flat_map(|properties| properties.keys());
        let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
        names.join(", ")
    }
}

/// The values of an enumeration whose variants have descriptions, which schemars writes as `oneOf`.
fn choices(rule: &Value) -> Option<String> {
    let variants = rule["oneOf"].as_array()?.iter();
    let names: Option<Vec<_>> = variants
        .map(|variant| variant["const"].as_str().map(|name| format!("`{name}`")))
        .collect();
    Some(names?.join(", "))
}

fn expected(kind: &TypeKind) -> String {
    let with_article = |name: &str| match name {
        "null" => "null".to_owned(),
        "array" | "integer" | "object" => format!("an {name}"),
        name => format!("a {name}"),
    };
    match kind {
        TypeKind::Single(name) => with_article(name.as_str()),
        TypeKind::Multiple(names) => {
            // `null` is named last.
            let mut names: Vec<_> = names
                .iter()
                .map(|name| with_article(name.as_str()))
                .collect();
            names.sort_by_key(|name| name == "null");
            names.join(" or ")
        }
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
