//! Log lines that are written after the response.

use aide::operation::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sabr::BackgroundTasks;

/// Runs work after the response has been sent.
#[derive(Debug)]
pub(super) struct AfterResponse(BackgroundTasks);

impl AfterResponse {
    /// Runs `line`, which writes a log line, after the response.
    ///
    /// If the task backlog is full, a warning is logged instead. The request succeeds all the
    /// same, because the event that the line reports has already happened.
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
