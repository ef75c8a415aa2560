use std::convert::Infallible;

use aide::generate::GenContext;
use aide::openapi::Operation;
use aide::operation::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::http::doc;

/// Whether the client wants to create and not to replace: `If-None-Match: *` (RFC 9110, section 13.1.2). What is
/// here has no entity tags, so any other value matches nothing, and asks for nothing.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct OnlyNew(pub(in crate::http) bool);

impl<S: Sync> FromRequestParts<S> for OnlyNew {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let wanted = parts.headers.get(header::IF_NONE_MATCH);
        Ok(Self(wanted.is_some_and(|value| value == "*")))
    }
}

impl OperationInput for OnlyNew {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let about = "`*` creates, and answers with 412 if there is something already.";
        operation
            .parameters
            .push(doc::header_parameter("If-None-Match", about));
    }
}
