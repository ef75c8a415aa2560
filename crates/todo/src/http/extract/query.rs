use std::any::Any;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use aide::operation::{OperationInput, ParamLocation};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use super::pointer::{escaped, unescaped};
use super::schema::{ERRORS_MAX, Shape};
use crate::http::doc;
use crate::http::problem::{FieldError, Problem, documented, kind};

/// The query parameters, as a struct with one field for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + Any,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query)
            .map(Self)
            .map_err(|_| Problem::invalid(explain::<T>(query)))
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        doc::parameters::<T>(ctx, operation, ParamLocation::Query);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        documented(ctx, &[&kind::INVALID])
    }
}

/// Explains why a query could not be parsed. It checks the values against the schema, because serde
/// stops at the first mistake.
fn explain<T: DeserializeOwned + JsonSchema + Any>(query: &str) -> Vec<FieldError> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let mut errors = Vec::new();
    let mut values = Map::new();
    let shape = Shape::of::<T>();
    for (name, text) in &pairs {
        let value = shape.map_or(Ok(Value::Null), |shape| typed(shape, name, text));
        let value = value.unwrap_or_else(|detail| {
            errors.push(FieldError::parameter(name, detail));
            Value::Null
        });
        if values.insert(name.clone(), value).is_some() {
            errors.push(FieldError::parameter(name, "must be given only once"));
        }
    }
    let mistakes = shape.map(|shape| shape.mistakes(&Value::Object(values)));
    errors.extend(mistakes.into_iter().flatten().map(|mistake| {
        let name = mistake.pointer.strip_prefix('/').unwrap_or_default();
        FieldError::parameter(unescaped(name), mistake.detail)
    }));
    if errors.is_empty() {
        errors.extend(refused_alone::<T>(&pairs));
    }
    errors.truncate(ERRORS_MAX);
    errors
}

/// Converts a parameter's text to the JSON type that the schema requires. The error says what is
/// wrong with the text.
fn typed(shape: &Shape, name: &str, text: &str) -> Result<Value, &'static str> {
    if shape.allows(name, "boolean") {
        return match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err("must be `true` or `false`"),
        };
    }
    if shape.allows(name, "integer") {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| whole);
        let number = number.map(|number: f64| number.clamp(f64::MIN, f64::MAX));
        return match number.and_then(Number::from_f64) {
            Some(number) => Ok(Value::Number(number)),
            None => Err("must be a whole number, written in digits alone"),
        };
    }
    Ok(Value::from(text))
}

/// The parameters that break a rule which their schema cannot express. Each is found by parsing it
/// alone.
fn refused_alone<T: DeserializeOwned + JsonSchema + Any>(
    pairs: &[(String, String)],
) -> Vec<FieldError> {
    let refused = pairs.iter().filter(|pair| {
        let alone = serde_urlencoded::to_string([pair]).unwrap_or_default();
        serde_urlencoded::from_str::<T>(&alone).is_err()
    });
    let shape = Shape::of::<T>();
    let errors = refused.map(|(name, _)| {
        let hint = shape.map(|shape| shape.hint_at(&format!("/{}", escaped(name))));
        FieldError::parameter(name, hint.unwrap_or_default())
    });
    errors.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::todos::ListTodos;

    #[track_caller]
    fn check(query: &str, parameter: &str, detail: &str) {
        let errors = explain::<ListTodos>(query);
        let found = errors
            .first()
            .map(|error| (error.parameter.as_deref(), error.detail.as_str()));
        assert_eq!(
            found,
            Some((Some(parameter), detail)),
            "{query}: {errors:?}"
        );
        assert!(
            serde_urlencoded::from_str::<ListTodos>(query).is_err(),
            "{query}"
        );
    }

    #[test]
    fn every_parameter_that_is_refused_is_named() {
        let digits = "must be a whole number, written in digits alone";
        for text in [
            "10.0", "%2010", "+10", "1e1", "", "0x10", "10%20", "%zz", "%ff", "NaN", "\u{661}",
        ] {
            check(&format!("limit={text}"), "limit", digits);
        }
        check("limit=0", "limit", "must be at least 1");
        check("limit=-1", "limit", "must be at least 1");
        check("limit=1001", "limit", "must be at most 1000");
        check(
            "limit=99999999999999999999",
            "limit",
            "must be at most 1000",
        );
        check(
            &format!("limit={}", "9".repeat(400)),
            "limit",
            "must be at most 1000",
        );
        let cursor = "must be a cursor from the `Link` of an earlier page";
        check("cursor=", "cursor", cursor);
        check("cursor=%ff", "cursor", cursor);
        // As long as a cursor, but its order is NaN.
        check("cursor=________________________________", "cursor", cursor);
        for text in ["", "True", "1", "yes", "true%20", "null"] {
            check(
                &format!("completed={text}"),
                "completed",
                "must be `true` or `false`",
            );
        }
        let unknown = "is not known here; known are `limit`, `cursor`, `completed`";
        check("page=2", "page", unknown);
        check("Limit=2", "Limit", unknown);
        check("a/b~c=2", "a/b~c", unknown);
        check("/limit=2", "/limit", unknown);
        check("%ff=2", "\u{fffd}", unknown);
        check("=2", "=", unknown);
        check("limit=1&limit=2", "limit", "must be given only once");
        check(
            "completed=true&completed",
            "completed",
            "must be `true` or `false`",
        );
    }

    #[test]
    fn a_cursor_that_was_never_given_out_is_harmless() {
        let query =
            serde_urlencoded::from_str::<ListTodos>("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        query.unwrap();
    }
}
