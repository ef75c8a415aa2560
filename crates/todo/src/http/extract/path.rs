use std::any::Any;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use aide::operation::{OperationInput, ParamLocation};
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::pointer::unescaped;
use super::schema::Shape;
use crate::http::doc;
use crate::http::problem::{FieldError, Problem, documented, kind};

/// The path parameters, as a struct with one field for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + Any + Send,
{
    type Rejection = Problem;

    #[expect(
        clippy::disallowed_types,
        reason = "the one place that turns its refusals into problems"
    )]
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            Err(rejection) => {
                let sent = RawPathParams::from_request_parts(parts, state).await;
                Err(explain::<T>(rejection, sent.ok()))
            }
        }
    }
}

impl<T: JsonSchema> OperationInput for Path<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        doc::parameters::<T>(ctx, operation, ParamLocation::Path);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        documented(ctx, &[&kind::INVALID])
    }
}

fn explain<T: JsonSchema + Any>(rejection: PathRejection, sent: Option<RawPathParams>) -> Problem {
    let PathRejection::FailedToDeserializePathParams(rejection) = rejection else {
        return Problem::internal(&rejection);
    };
    if let ErrorKind::InvalidUtf8InPathParam { key } = rejection.kind() {
        return Problem::invalid(vec![FieldError::parameter(key, "must be UTF-8")]);
    }
    let errors = sent.map(mistakes::<T>).unwrap_or_default();
    match errors.is_empty() {
        // The type refuses a value that its schema accepts. That is a bug of the service.
        true => Problem::internal(&rejection),
        false => Problem::invalid(errors),
    }
}

/// The mistakes that the published schema finds in the values.
fn mistakes<T: JsonSchema + Any>(sent: RawPathParams) -> Vec<FieldError> {
    let values = sent
        .iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)));
    let parameters = Value::Object(values.collect::<Map<_, _>>());
    let mistakes = Shape::of::<T>().map(|shape| shape.mistakes(&parameters));
    let mistakes = mistakes.into_iter().flatten();
    mistakes
        .map(|mistake| {
            let name = mistake.pointer.strip_prefix('/').unwrap_or_default();
            FieldError::parameter(unescaped(name), mistake.detail)
        })
        .collect()
}
