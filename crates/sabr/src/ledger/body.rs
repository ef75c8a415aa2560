//! The body of a request, which says when it keeps its handler waiting.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::layer::Scope;

/// Waiting for the client to send is not the handler's waiting: a plain `fn` would wait for it too.
#[derive(Debug)]
pub(crate) struct RequestBody {
    pub(crate) inner: Body,
    pub(crate) scope: Arc<Scope>,
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if polled.is_pending() {
            let scope = &self.scope;
            scope
                .meter()
                .tell(scope.now(), |timeline, _| timeline.body_is_late());
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
