//! The body of a request. It reports when its handler has to wait for it, and when it is dropped
//! unread.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::{HeaderMap, header};
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
    /// A multipart form, which handlers read piece by piece.
    is_multipart: bool,
    reported: bool,
}

impl RequestBody {
    /// The body of a request with these headers.
    pub(crate) fn new(inner: Body, scope: Arc<Scope>, headers: &HeaderMap) -> Self {
        Self {
            inner,
            scope,
            expected: headers.contains_key(header::EXPECT),
            ended: false,
            is_multipart: is_multipart(headers),
            reported: false,
        }
    }

    /// Tells the ledger that the body is read, once.
    fn report_read(&mut self) {
        if !std::mem::replace(&mut self.reported, true) {
            let scope = &self.scope;
            scope.meter().reads_body(scope.now(), self.is_multipart);
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

fn is_multipart(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE);
    media_type.is_some_and(|value| value.as_bytes().starts_with(b"multipart/"))
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
        } else if matches!(polled, Poll::Ready(Some(Ok(_)))) {
            self.report_read();
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
