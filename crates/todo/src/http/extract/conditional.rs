//! Conditional requests (RFC 9110, section 13): `If-Match` and `If-None-Match` of writes.
//!
//! No object has an entity tag yet, so no tag matches. No object has a `Last-Modified` either, so
//! `If-Unmodified-Since` is ignored (section 13.1.4).

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use aide::operation::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use sabr_assets::tags;
use todo_core::Precondition;

use crate::http::doc;
use crate::http::problem::{Problem, documented, kind};

/// The precondition of the request on its target. The store checks it in the transaction of the
/// write, so that nothing can change in between.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Conditional(pub(in crate::http) Precondition);

/// The precondition of a request on a target that always exists, such as the list of all todos. It
/// is checked in this extractor.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct OnExisting;

impl<S: Sync> FromRequestParts<S> for Conditional {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        precondition(&parts.headers).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for OnExisting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match precondition(&parts.headers)?.holds(true) {
            true => Ok(Self),
            false => Err(Problem::precondition_failed()),
        }
    }
}

impl OperationInput for Conditional {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let if_match = "With `*`, the request is carried out only if the target exists; otherwise the answer \
        is 404 or 412. No entity tag matches, because nothing has one yet.";
        let if_none_match = "With `*`, the request is carried out only if the target does not exist; otherwise the answer is 412.";
        operation.parameters.extend([
            doc::header_parameter("If-Match", if_match, "*"),
            doc::header_parameter("If-None-Match", if_none_match, "*"),
        ]);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        documented(ctx, &[&kind::BAD_HEADER, &kind::PRECONDITION_FAILED])
    }
}

impl OperationInput for OnExisting {
    fn inferred_early_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        Conditional::inferred_early_responses(ctx, operation)
    }
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Missing,
    /// `*`
    Any,
    Tags,
}

fn precondition(headers: &HeaderMap) -> Result<Precondition, Problem> {
    let if_match = match condition(headers, &header::IF_MATCH, "If-Match")? {
        Condition::Missing => Precondition::None,
        Condition::Any => Precondition::Exists,
        Condition::Tags => Precondition::Never,
    };
    let if_none_match = match condition(headers, &header::IF_NONE_MATCH, "If-None-Match")? {
        Condition::Missing | Condition::Tags => Precondition::None,
        Condition::Any => Precondition::Absent,
    };
    Ok(if_match.and(if_none_match))
}

fn condition(
    headers: &HeaderMap,
    name: &HeaderName,
    shown: &'static str,
) -> Result<Condition, Problem> {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| value.as_bytes())
        .collect();
    if values.is_empty() {
        return Ok(Condition::Missing);
    }
    let value = values.join(&b',');
    if value.trim_ascii() == b"*" {
        return Ok(Condition::Any);
    }
    if tags(&value).is_some_and(|tags| !tags.is_empty()) {
        return Ok(Condition::Tags);
    }
    let advice = "must be `*`, or entity tags in double quotes with commas in between";
    Err(Problem::with_bad_header(&kind::BAD_HEADER, shown, advice))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_condition_is_a_star_or_a_list_of_tags() {
        use Condition::{Any, Tags};

        for (values, expected) in [
            (&["*"][..], Some(Any)),
            (&[" * "], Some(Any)),
            (&["\"x\""], Some(Tags)),
            (&["W/\"x\""], Some(Tags)),
            (&["\"\""], Some(Tags)),
            (&["\"a,b\", W/\"c\""], Some(Tags)),
            (&[", \"a\" ,, \"b\","], Some(Tags)),
            (&["\"a\"", "\"b\""], Some(Tags)),
            (&[""], None),
            (&[","], None),
            (&["x"], None),
            (&["\"x"], None),
            (&["x\""], None),
            (&["w/\"x\""], None),
            (&["W/ \"x\""], None),
            (&["\"a\" \"b\""], None),
            (&["\"a\"; \"b\""], None),
            (&["\"a b\""], None),
            (&["*, \"a\""], None),
            (&["*", "*"], None),
            (&["**"], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::IF_MATCH, HeaderValue::from_static(value));
            }
            let found = condition(&headers, &header::IF_MATCH, "If-Match").ok();
            assert_eq!(found, expected, "{values:?}");
        }
    }
}
