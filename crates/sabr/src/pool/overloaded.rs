use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::kind::PoolKind;

/// A bound was reached, and the work was refused.
///
/// Nothing of the work was done, with one exception: if [`is_closed`](Self::is_closed), shutdown
/// may have stopped a handler in [`finish`](crate::finish) that was running.
///
/// As a response it is `503 Service Unavailable` (RFC 9110, section 15.6.4) with `Retry-After` in
/// seconds and a problem document (RFC 9457), so a handler may return it with `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overloaded {
    bound: Bound,
    retry_after: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Pool(PoolKind),
    Backlog(usize),
    App,
    Memory,
    Closed,
}

impl Overloaded {
    pub(crate) fn pool(kind: PoolKind, retry_after: Duration) -> Self {
        let bound = Bound::Pool(kind);
        Self { bound, retry_after }
    }

    pub(crate) fn backlog(limit: usize, retry_after: Duration) -> Self {
        let bound = Bound::Backlog(limit);
        Self { bound, retry_after }
    }

    pub(crate) fn app(retry_after: Duration) -> Self {
        let bound = Bound::App;
        Self { bound, retry_after }
    }

    pub(crate) fn memory(retry_after: Duration) -> Self {
        let bound = Bound::Memory;
        Self { bound, retry_after }
    }

    pub(crate) fn closed(retry_after: Duration) -> Self {
        let bound = Bound::Closed;
        Self { bound, retry_after }
    }

    /// The pool whose queue is full, or `None` if another bound was reached.
    #[must_use]
    pub fn pool_kind(&self) -> Option<PoolKind> {
        match self.bound {
            Bound::Pool(kind) => Some(kind),
            Bound::Backlog(_) | Bound::App | Bound::Memory | Bound::Closed => None,
        }
    }

    /// Whether shutdown refused the work, or stopped it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.bound == Bound::Closed
    }

    /// When the client may try again. `Retry-After` has it in whole seconds, at least 1.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.retry_after
    }
}

impl fmt::Display for Overloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bound {
            Bound::Pool(kind) => write!(f, "the queue of the {kind} pool is full"),
            Bound::Backlog(limit) => write!(f, "the backlog of {limit} background tasks is full"),
            Bound::App => f.write_str("the app is not ready for another request"),
            Bound::Memory => {
                f.write_str("too many large answers wait for their clients to read them")
            }
            Bound::Closed => f.write_str("the service has shut down"),
        }
    }
}

impl Error for Overloaded {}

impl From<Overloaded> for StatusCode {
    /// 503.
    fn from(_: Overloaded) -> Self {
        Self::SERVICE_UNAVAILABLE
    }
}

impl IntoResponse for Overloaded {
    fn into_response(self) -> Response {
        tracing::warn!(error = %self, "overloaded");
        let retry_after = HeaderValue::from(self.retry_after.as_secs().max(1));
        let mut response = crate::problem::response(
            StatusCode::SERVICE_UNAVAILABLE,
            "The service is overloaded; try again later.",
        );
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, retry_after);
        response
    }
}
