use std::any::Any;

use aide::generate::GenContext;
use aide::openapi::{Operation, RequestBody, Response as ResponseDoc};
use aide::operation::{OperationInput, set_body};
use axum::extract::{FromRequest, Request};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::json;
use crate::http::problem::Problem;

/// The first is the registered media type (RFC 7396, section 4). The second is accepted because
/// most clients send it.
const MEDIA_TYPES: &[&str] = &["application/merge-patch+json", "application/json"];

/// A JSON merge patch (RFC 7396): an absent field stays as it is, and `null` removes a field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MergePatch<T>(pub T);

impl<S, T> FromRequest<S> for MergePatch<T>
where
    S: Send + Sync,
    T: DeserializeOwned + JsonSchema + Any,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        json::read(request, state, MEDIA_TYPES).await.map(Self)
    }
}

impl<T: JsonSchema> OperationInput for MergePatch<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        // The document lists only one media type. Why: client generators fail, or generate a broken
        // client, if one type has two.
        let about =
            "A JSON merge patch (RFC 7396). It may also be sent as `application/merge-patch+json`.";
        let body = RequestBody {
            description: Some(about.to_owned()),
            required: true,
            ..json::body::<T>(ctx)
        };
        set_body(ctx, operation, body);
    }

    fn inferred_early_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        json::refusals(ctx)
    }
}
