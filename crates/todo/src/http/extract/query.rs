use std::any::Any;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use aide::operation::{OperationInput, ParamLocation, add_parameters, parameters_from_schema};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::schema::Shape;
use crate::http::problem::{FieldError, Problem, documented, kind};

/// The parameters of the query, as a struct with a field for each.
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
            .map_err(|first| Problem::invalid(explain::<T>(query, &first)))
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = ctx.schema.subschema_for::<T>();
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
        add_parameters(ctx, operation, parameters);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        documented(ctx, &[&kind::INVALID])
    }
}

/// Why a query could not be read: `first` says where that was noticed, the schema says the rest.
fn explain<T: JsonSchema + Any>(query: &str, first: &dyn ToString) -> Vec<FieldError> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let mut errors = Vec::new();
    let mut values = Map::new();
    let shape = Shape::of::<T>();
    for (name, text) in pairs {
        let value = shape.map_or(Value::Null, |shape| typed(shape, &name, text));
        if values.insert(name.clone(), value).is_some() {
            errors.push(FieldError::parameter(name, "must be given only once"));
        }
    }
    let mistakes = shape.map(|shape| shape.mistakes(&Value::Object(values)));
    errors.extend(mistakes.into_iter().flatten().map(|mistake| {
        let name = mistake.pointer.trim_start_matches('/');
        FieldError::parameter(name, mistake.detail)
    }));
    if errors.is_empty() {
        errors.push(FieldError::parameter("", first.to_string()));
    }
    errors
}

/// A parameter's text as the JSON value that its type asks for.
fn typed(shape: &Shape, name: &str, text: String) -> Value {
    let json = serde_json::from_str::<Value>(&text).ok();
    match json {
        Some(json @ Value::Bool(_)) if shape.allows(name, "boolean") => json,
        Some(json @ Value::Number(_)) if shape.allows(name, "integer") => json,
        _ => Value::String(text),
    }
}
