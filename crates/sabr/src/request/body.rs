//! The body of a request. It reports when its handler has to wait for it, and when it is dropped
//! unread.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::scope::Scope;

/// Why it reports waiting: a handler that waits for its client's bytes does not count as one that
/// waits, because a plain `fn` would wait for them too.
#[derive(Debug)]
pub(crate) struct RequestBody {
    inner: Body,
    scope: Arc<Scope>,
    /// The client waits for `100 Continue`, which is sent when the body is first polled.
    expected: bool,
    ended: bool,
}

impl RequestBody {
    pub(crate) fn new(inner: Body, scope: Arc<Scope>, expected: bool) -> Self {
        let ended = false;
        Self {
            inner,
            scope,
            expected,
            ended,
        }
    }

    fn poll_inner(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.expected = false;
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        self.ended |= matches!(polled, Poll::Ready(None)) || self.inner.is_end_stream();
        polled
    }
}

impl Drop for RequestBody {
    /// Without the rest of the body, the connection cannot carry another request.
    fn drop(&mut self) {
        // The first bytes arrived with the head: one frame, which is nearly always the whole body.
        if !self.ended && !self.expected {
            let _ = self.poll_inner(&mut Context::from_waker(Waker::noop()));
        }
        if !self.ended {
            self.scope.body_left_unread();
        }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = self.poll_inner(cx);
        if polled.is_pending() {
            self.scope.meter().body_is_late(self.scope.now());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
