use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};

use super::Scope;
use crate::tasks::Outcome;
use crate::{context, panic};

/// The body of a response, which tells its request when it ends.
///
/// The end is when the connection has asked for a frame and there was none, when the body failed, or when
/// it was dropped. A connection drops a body right after it has taken over its last frame, and without
/// asking for any where the response can have none.
pub struct ResponseBody {
    inner: Body,
    end: Option<End>,
}

/// Ends the request, once, at the latest when dropped.
struct End {
    scope: Arc<Scope>,
    outcome: Outcome,
}

impl Drop for End {
    fn drop(&mut self) {
        self.scope.end(self.outcome);
    }
}

impl ResponseBody {
    /// Without a scope another layer outside follows the request.
    pub(super) fn new(inner: Body, status: StatusCode, scope: Option<Arc<Scope>>) -> Self {
        let outcome = Outcome::Responded(status);
        let end = scope.map(|scope| End { scope, outcome });
        Self { inner, end }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let inner = Pin::new(&mut this.inner);
        let Some(end) = &mut this.end else {
            return inner.poll_frame(cx);
        };
        let poll = AssertUnwindSafe(|| context::enter(&end.scope, || inner.poll_frame(cx)));
        let frame = match catch_unwind(poll) {
            Ok(poll) => ready!(poll),
            Err(payload) => {
                let message = panic::message(&*payload);
                tracing::error!(request = %end.scope, message, "response body panicked");
                Some(Err(axum::Error::new("the response body panicked")))
            }
        };
        if let Some(Err(_)) = frame {
            end.outcome = Outcome::Broken;
        }
        if !matches!(frame, Some(Ok(_))) {
            this.end = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody")
            .field("ended", &self.end.is_none())
            .finish_non_exhaustive()
    }
}
