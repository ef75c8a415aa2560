//! The errors that clients see: `application/problem+json` (RFC 9457).

mod field;
pub mod kind;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, ReferenceOr, Response as ResponseDoc, StatusCode};
use aide::transform::TransformOperation;
use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use todo_core::{Refusal, StoreError};

pub use field::FieldError;
pub use kind::Kind;

use super::doc;

const MEDIA_TYPE: &str = "application/problem+json";

/// An error response.
///
/// It holds only what a client may know. Details for the operator are logged where the problem is
/// created.
#[derive(Debug)]
pub struct Problem {
    kind: &'static Kind,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What went wrong, in the form of RFC 9457.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
struct ProblemBody<'a> {
    /// Names the kind of problem: the path of a page that explains it.
    #[schemars(extend("format" = "uri-reference"), example = "/problems/todo-not-found")]
    r#type: String,
    /// The kind of problem, in a few words.
    #[schemars(example = "Todo not found")]
    title: &'static str,
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599), example = 404)]
    status: u16,
    /// What went wrong this time, and what to do.
    #[schemars(example = "there is no todo with this id")]
    detail: &'a str,
    /// Each field, parameter and header that is wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schemars(default)]
    errors: &'a [FieldError],
}

impl Problem {
    /// A problem of this kind. `detail` says what went wrong this time and what to do.
    pub fn new(kind: &'static Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// No route has this path.
    pub fn route_not_found(uri: &Uri) -> Self {
        let detail = format!(
            "nothing is served at `{}`; `/docs` shows what is",
            uri.path()
        );
        Self::new(&kind::ROUTE_NOT_FOUND, detail)
    }

    /// Some fields or parameters are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.len() {
            1 => "1 field is wrong; see `errors`".to_owned(),
            n => format!("{n} fields are wrong; see `errors`"),
        };
        Self {
            errors,
            ..Self::new(&kind::INVALID, detail)
        }
    }

    /// A header of the request is wrong. `detail` says how, and the header's name precedes it.
    pub fn with_bad_header(
        kind: &'static Kind,
        name: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let detail = detail.into();
        Self {
            errors: vec![FieldError::header(name, detail.as_str())],
            ..Self::new(kind, format!("`{name}` {detail}"))
        }
    }

    /// A request was not carried out, because its precondition does not hold.
    pub fn precondition_failed() -> Self {
        let detail =
            "nothing was changed: the condition in `If-Match` or `If-None-Match` does not hold";
        Self::new(&kind::PRECONDITION_FAILED, detail)
    }

    /// The service failed. Logs the error, and tells the client nothing of it.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "request failed");
        Self::new(&kind::INTERNAL, "the service failed; its log says how")
    }

    /// The service accepts no more work now. The client may try again after a second.
    pub fn overloaded(detail: impl Into<String>) -> Self {
        Self::new(&kind::OVERLOADED, detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// What went wrong this time.
    #[cfg(test)]
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// Each field, parameter and header that is wrong.
    #[cfg(test)]
    pub(super) fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    fn body(&self) -> ProblemBody<'_> {
        ProblemBody {
            r#type: format!("/problems/{}", self.kind.slug),
            title: self.kind.title,
            status: self.kind.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.body()).unwrap_or_default();
        let media_type = [(header::CONTENT_TYPE, MEDIA_TYPE)];
        let mut response = (self.kind.status, media_type, body).into_response();
        response.headers_mut().extend(self.headers);
        // The request log reads the kind from here.
        response.extensions_mut().insert(self.kind);
        response
    }
}

impl OperationOutput for Problem {
    type Inner = Self;

    fn operation_response(ctx: &mut GenContext, _: &mut Operation) -> Option<ResponseDoc> {
        Some(ResponseDoc {
            description: "Problem".to_owned(),
            ..document(ctx, &kind::INTERNAL)
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        Self::operation_response(ctx, operation)
            .map(|response| (None, response))
            .into_iter()
            .collect()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Refused(refusal) => (*refusal).into(),
            StoreError::Overloaded => Self::overloaded(error.to_string()),
            StoreError::Locked => Self::new(&kind::DATABASE_LOCKED, error.to_string())
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("1")),
            StoreError::Full => Self::new(&kind::DISK_FULL, error.to_string())
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("10")),
            StoreError::ReadOnly(_) | StoreError::Damaged(_) | StoreError::Moved(_) => {
                tracing::error!(%error, "the database cannot be used");
                Self::new(&kind::NOT_READY, error.reason())
                    .with_header(header::RETRY_AFTER, HeaderValue::from_static("10"))
            }
            StoreError::NoResult | StoreError::Failed(_) => Self::internal(&error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::TodoNotFound(_) => &kind::TODO_NOT_FOUND,
            Refusal::ItemNotFound(_) => &kind::ITEM_NOT_FOUND,
            Refusal::TodoExists(_) | Refusal::ItemExists(_) => &kind::EXISTS,
            Refusal::PreconditionFailed => return Self::precondition_failed(),
            Refusal::ChecklistFull(_) => &kind::CHECKLIST_FULL,
            // No operation of the API writes several requests at once.
            Refusal::Together => &kind::INTERNAL,
        };
        Self::new(kind, refusal.to_string())
    }
}

/// The responses for these kinds of problems in the OpenAPI document, one for each kind.
pub(super) fn documented(
    ctx: &mut GenContext,
    kinds: &[&'static Kind],
) -> Vec<(Option<u16>, ResponseDoc)> {
    kinds
        .iter()
        .map(|kind| {
            let response = document(ctx, kind);
            (Some(kind.status.as_u16()), response)
        })
        .collect()
}

/// Adds this kind of problem to the responses of an operation in the OpenAPI document.
pub(super) fn may_answer(
    kind: &'static Kind,
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |mut operation| {
        let response = aide::generate::in_context(|ctx| document(ctx, kind));
        let responses = &mut operation.inner_mut().responses;
        let responses = &mut responses.get_or_insert_default().responses;
        let status = StatusCode::Code(kind.status.as_u16());
        responses.insert(status, ReferenceOr::Item(response));
        operation
    }
}

fn document(ctx: &mut GenContext, kind: &'static Kind) -> ResponseDoc {
    let mut example = Problem::new(kind, kind.meaning);
    if kind.slug == kind::INVALID.slug {
        example.errors = vec![FieldError::body("/title", "is required")];
    }
    let media_type = MediaType {
        example: serde_json::to_value(example.body()).ok(),
        ..doc::answered::<ProblemBody<'static>>(ctx)
    };
    ResponseDoc {
        description: kind.title.to_owned(),
        content: [(MEDIA_TYPE.to_owned(), media_type)].into(),
        ..ResponseDoc::default()
    }
}
