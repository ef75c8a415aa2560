use std::any::Any;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use aide::operation::{OperationInput, ParamLocation, add_parameters, parameters_from_schema};
use axum::extract::FromRequestParts;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::schema::Shape;

use crate::http::problem::{FieldError, Problem, documented, kind};

/// The parameters of the path, as a struct with a field for each.
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
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(path)| Self(path))
            .map_err(explain::<T>)
    }
}

impl<T: JsonSchema> OperationInput for Path<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = ctx.schema.subschema_for::<T>();
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Path);
        add_parameters(ctx, operation, parameters);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        documented(ctx, &[&kind::INVALID])
    }
}

fn explain<T: JsonSchema + Any>(rejection: PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(rejection) = rejection else {
        return Problem::internal(&rejection);
    };
    let error = match rejection.into_kind() {
        ErrorKind::InvalidUtf8InPathParam { key } => FieldError::parameter(key, "must be UTF-8"),
        ErrorKind::DeserializeError {
            key,
            value,
            message,
        } => {
            let detail = mistake::<T>(&key, value).unwrap_or(message);
            FieldError::parameter(key, detail)
        }
        other => FieldError::parameter("", other.to_string()),
    };
    Problem::invalid(vec![error])
}

/// What the published schema says of a parameter's value.
fn mistake<T: JsonSchema + Any>(key: &str, value: String) -> Option<String> {
    let parameters = Map::from_iter([(key.to_owned(), Value::String(value))]);
    let mistakes = Shape::of::<T>()?.mistakes(&Value::Object(parameters));
    let mut mistakes = mistakes.into_iter();
    let mistake = mistakes.find(|mistake| mistake.pointer.strip_prefix('/') == Some(key))?;
    Some(mistake.detail)
}
