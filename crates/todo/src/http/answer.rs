//! The responses of handlers other than plain JSON.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::doc;
use super::extract::Json;

/// 201 with a `Location`.
#[derive(Debug)]
pub(super) struct Created<T> {
    /// The URL of the created object.
    pub location: String,
    /// The created object.
    pub body: T,
}

/// 204: the request was carried out, and the response has no body.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoContent;

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.body)).into_response();
        if let Ok(location) = HeaderValue::try_from(self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

impl<T: JsonSchema> OperationOutput for Created<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<ResponseDoc> {
        let mut response = Json::<T>::operation_response(ctx, operation)?;
        response.description = "Created".to_owned();
        let location = doc::header("Location", "The URL of what was created.", doc::EXAMPLE_URL);
        response.headers.extend([location]);
        Some(response)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        let created = Self::operation_response(ctx, operation);
        let status = StatusCode::CREATED.as_u16();
        created
            .map(|created| (Some(status), created))
            .into_iter()
            .collect()
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl OperationOutput for NoContent {
    type Inner = Self;

    fn inferred_responses(
        _: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        let response = ResponseDoc {
            description: "Done".to_owned(),
            ..ResponseDoc::default()
        };
        vec![(Some(StatusCode::NO_CONTENT.as_u16()), response)]
    }
}
