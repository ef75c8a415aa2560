use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::response::Parts;
use http_body::{Frame, SizeHint};

use super::pieces::Pieces;
use crate::backlog::Outcome;
use crate::request::{self, Scope};
use crate::{panic, tasks};

/// The body of a response. It ends the request when it ends.
///
/// It ends when the connection asks for a frame and there is none, when it fails, or when it is
/// dropped. A connection drops a body right after its last frame. It asks for no frame if the
/// response can have no body.
pub struct ResponseBody {
    inner: Body,
    end: Option<End>,
    pieces: Option<Pieces>,
    /// The inner body has no more frames.
    exhausted: bool,
}

/// Ends the request when it is dropped.
struct End {
    scope: Arc<Scope>,
    outcome: Outcome,
    /// The connection has begun to take the body, and there is more of it.
    has_more: bool,
    /// The number of bytes to come, if it is known. At 0 the connection asks for no more frames.
    length: Option<u64>,
}

impl End {
    fn took(&mut self, frame: &Frame<Bytes>) {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        self.length = self.length.map(|length| length.saturating_sub(bytes));
        self.has_more = self.length != Some(0);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if self.has_more {
            self.scope.client_is_gone();
        }
        tasks::end_request(&self.scope, self.outcome);
    }
}

impl ResponseBody {
    /// `scope` is `None` if an outer layer follows the request.
    pub(super) fn new(
        head: &Parts,
        inner: Body,
        scope: Option<Arc<Scope>>,
        pieces: Option<Pieces>,
    ) -> Self {
        let outcome = Outcome::Responded(head.status);
        let end = scope.map(|scope| End {
            scope,
            outcome,
            has_more: false,
            length: inner.size_hint().exact().or_else(|| content_length(head)),
        });
        let exhausted = false;
        Self {
            inner,
            end,
            pieces,
            exhausted,
        }
    }

    fn poll_inner(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(end) = &mut self.end else {
            return Pin::new(&mut self.inner).poll_frame(cx);
        };
        end.has_more = true;
        let mut inner = Pin::new(&mut self.inner);
        let poll = AssertUnwindSafe(|| {
            if inner.size_hint().exact().is_some() {
                // Such a body is nearly always ready. Measuring it would cost more than polling it.
                let polled = request::enter(&end.scope, || inner.as_mut().poll_frame(cx));
                if polled.is_ready() {
                    return polled;
                }
            }
            request::poll_body(&end.scope, cx, |cx| inner.poll_frame(cx))
        });
        let frame = match catch_unwind(poll) {
            Ok(poll) => ready!(poll),
            Err(payload) => {
                let message = panic::message(&*payload);
                tracing::error!(request = %end.scope, message, "response body panicked");
                end.scope.meter().panicked();
                Some(Err(axum::Error::new("the response body panicked")))
            }
        };
        match &frame {
            Some(Ok(frame)) => {
                end.took(frame);
                end.has_more &= !self.inner.is_end_stream();
            }
            Some(Err(_)) => (end.has_more, end.outcome) = (false, Outcome::Broken),
            None => end.has_more = false,
        }
        if !matches!(frame, Some(Ok(_))) {
            self.end = None;
        }
        Poll::Ready(frame)
    }

    /// The first piece of a data frame; any other frame unchanged.
    fn cut(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        // The request ends with the app's last frame, not with the last piece of it.
        if self.end.as_ref().is_some_and(|end| !end.has_more) {
            self.end = None;
        }
        self.exhausted = self.inner.is_end_stream();
        match (frame.into_data(), &mut self.pieces) {
            (Ok(data), Some(pieces)) => {
                pieces.cut(data);
                Frame::data(pieces.next().unwrap_or_default())
            }
            (Ok(data), None) => Frame::data(data),
            (Err(frame), _) => frame,
        }
    }
}

fn content_length(head: &Parts) -> Option<u64> {
    head.headers
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Some(pieces) = &mut this.pieces else {
            return this.poll_inner(cx);
        };
        if let Some(piece) = pieces.next() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        if this.exhausted {
            return pieces.poll_taken(cx).map(|()| None);
        }
        ready!(pieces.poll_room(cx));
        match ready!(this.poll_inner(cx)) {
            Some(Ok(frame)) => Poll::Ready(Some(Ok(this.cut(frame)))),
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            None => {
                this.exhausted = true;
                self.poll_frame(cx)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let over = self.pieces.as_ref().is_none_or(Pieces::is_over);
        over && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.inner.size_hint();
        let cut = self.pieces.as_ref().map_or(0, Pieces::remaining);
        if cut > 0 {
            let upper = hint.upper();
            hint.set_lower(hint.lower() + cut);
            upper.inspect(|upper| hint.set_upper(upper + cut));
        }
        hint
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody")
            .field("ended", &self.end.is_none())
            .finish_non_exhaustive()
    }
}
