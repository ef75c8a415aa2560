//! What happens after the response.

use aide::operation::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sabr::BackgroundTasks;

/// What is to be done once the response has been sent.
#[derive(Debug)]
pub(super) struct AfterResponse(BackgroundTasks);

impl AfterResponse {
    /// Logs after the response. What the line is about has already happened, so when there is no
    /// room for one more task the request still succeeds, and a warning takes the line's place.
    pub(super) fn log(&self, name: &'static str, line: impl FnOnce() + Send + 'static) {
        if let Err(error) = self.0.named(name).add(async move { line() }) {
            tracing::warn!(task = name, %error, "a line is missing from this log");
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AfterResponse {
    type Rejection = <BackgroundTasks as FromRequestParts<S>>::Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        BackgroundTasks::from_request_parts(parts, state)
            .await
            .map(Self)
    }
}

impl OperationInput for AfterResponse {}
