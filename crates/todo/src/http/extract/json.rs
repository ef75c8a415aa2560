use std::any::Any;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, RequestBody, Response as ResponseDoc};
use aide::operation::{OperationInput, set_body};
use axum::body::{Bytes, HttpBody};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{content, parse};
use crate::http::doc;
use crate::http::problem::{Problem, documented, kind};

const MEDIA_TYPE: &str = "application/json";

/// JSON of a type whose schema is published.
///
/// As an extractor it reads and checks the request's body. As a response it serialises the value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<T>(pub T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + Any,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(request, state, &[MEDIA_TYPE]).await.map(Self)
    }
}

/// As [`Json`], for an optional request body: `None` if the request has no body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OptionalJson<T>(pub Option<T>);

impl<S, T> FromRequest<S> for OptionalJson<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + Any,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.body().is_end_stream() {
            return Ok(Self(None));
        }
        read(request, state, &[MEDIA_TYPE])
            .await
            .map(|body| Self(Some(body)))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        // Room for one todo of ordinary size, so that most responses need no reallocation.
        let mut body = Vec::with_capacity(512);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => ([(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response(),
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

impl<T: JsonSchema> OperationInput for Json<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let body = RequestBody {
            required: true,
            ..body::<T>(ctx)
        };
        set_body(ctx, operation, body);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        refusals(ctx)
    }
}

impl<T: JsonSchema> OperationInput for OptionalJson<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let body = body::<T>(ctx);
        set_body(ctx, operation, body);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        refusals(ctx)
    }
}

impl<T: JsonSchema> OperationOutput for Json<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, _: &mut Operation) -> Option<ResponseDoc> {
        Some(ResponseDoc {
            description: "OK".to_owned(),
            content: [(MEDIA_TYPE.to_owned(), doc::answered::<T>(ctx))].into(),
            ..ResponseDoc::default()
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        let ok = Self::operation_response(ctx, operation);
        ok.map(|ok| (Some(StatusCode::OK.as_u16()), ok))
            .into_iter()
            .collect()
    }
}

/// Reads a body that is JSON in one of `media_types`.
pub(super) async fn read<S, T>(
    request: Request,
    state: &S,
    media_types: &[&'static str],
) -> Result<T, Problem>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + Any,
{
    content::check(request.method(), request.headers(), media_types)?;
    let body = Bytes::from_request(request, state).await.map_err(unread)?;
    parse::parse(&body)
}

/// A request body in the OpenAPI document, not marked as required.
pub(super) fn body<T: JsonSchema>(ctx: &mut GenContext) -> RequestBody {
    RequestBody {
        content: [(MEDIA_TYPE.to_owned(), doc::taken::<T>(ctx))].into(),
        ..RequestBody::default()
    }
}

pub(super) fn refusals(ctx: &mut GenContext) -> Vec<(Option<u16>, ResponseDoc)> {
    let kinds = [
        &kind::MALFORMED_JSON,
        &kind::BODY_TOO_LARGE,
        &kind::UNSUPPORTED_MEDIA_TYPE,
        &kind::INVALID,
    ];
    documented(ctx, &kinds)
}

fn unread(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = "the body is larger than the service takes";
        Problem::new(&kind::BODY_TOO_LARGE, detail)
    } else {
        Problem::new(
            &kind::MALFORMED_BODY,
            "the body could not be read to its end",
        )
    }
}
