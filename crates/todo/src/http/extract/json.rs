use std::any::Any;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, RequestBody, Response as ResponseDoc, SchemaObject};
use aide::operation::{OperationInput, set_body};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{content, parse};
use crate::http::problem::{Problem, documented, kind};

const MEDIA_TYPE: &str = "application/json";

/// JSON, of a type whose schema is published: as an argument a body that was read and checked, as
/// an answer one to be written.
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

/// `None` when the request has neither a body nor a word about one.
impl<S, T> OptionalFromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + Any,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        use axum::body::HttpBody;

        if request.body().is_end_stream() {
            return Ok(None);
        }
        read(request, state, &[MEDIA_TYPE])
            .await
            .map(Self)
            .map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        // Room for one todo of ordinary size, so that most answers are written in one piece.
        let mut body = Vec::with_capacity(512);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => ([(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response(),
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

impl<T: JsonSchema> OperationInput for Json<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        document_body::<T>(ctx, operation, &[MEDIA_TYPE]);
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
            content: [(MEDIA_TYPE.to_owned(), media_type::<T>(ctx))]
                .into_iter()
                .collect(),
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

/// Reads a body that is JSON in one of these media types.
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

pub(super) fn document_body<T: JsonSchema>(
    ctx: &mut GenContext,
    operation: &mut Operation,
    media_types: &[&str],
) {
    let content = media_types
        .iter()
        .map(|name| ((*name).to_owned(), media_type::<T>(ctx)))
        .collect();
    let body = RequestBody {
        content,
        required: true,
        ..RequestBody::default()
    };
    set_body(ctx, operation, body);
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

fn media_type<T: JsonSchema>(ctx: &mut GenContext) -> MediaType {
    MediaType {
        schema: Some(SchemaObject {
            json_schema: ctx.schema.subschema_for::<T>(),
            example: None,
            external_docs: None,
        }),
        ..MediaType::default()
    }
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
