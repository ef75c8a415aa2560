//! Request bodies: refuses bodies that are too large, and times out bodies that do not arrive.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{Version, header};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::http::problem::{Problem, kind};

/// Refuses a request by its head, before the client sends the body: a `Content-Length` over the
/// limit, or an unknown `Expect`.
pub(super) fn check(request: &Request, limit: usize) -> Result<(), Problem> {
    if request.body().size_hint().lower() > limit as u64 {
        let detail = format!("the body is larger than the {limit} bytes that the service takes");
        return Err(Problem::new(&kind::BODY_TOO_LARGE, detail));
    }
    let expectations = request.headers().get_all(header::EXPECT).iter();
    // HTTP/1.0 has no `Expect` (RFC 9110, section 10.1.1).
    let known = request.version() < Version::HTTP_11
        || expectations
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .all(|value| value.trim_ascii().eq_ignore_ascii_case(b"100-continue"));
    if known {
        return Ok(());
    }
    Err(Problem::new(
        &kind::EXPECTATION_FAILED,
        "`Expect` may only be `100-continue`",
    ))
}

/// Whether the body of one request has arrived. The body writes it; the response timeout reads it.
#[derive(Debug, Default)]
pub(super) struct Arrival {
    /// The handler is waiting for the client to send more of the body.
    awaited: AtomicBool,
    /// The body was not complete at the deadline.
    late: AtomicBool,
}

impl Arrival {
    /// Wraps the request's body. The wrapped body fails if it is not complete at `deadline`.
    pub(super) fn watch(self: &Arc<Self>, request: Request, deadline: Instant) -> Request {
        if request.body().is_end_stream() {
            return request;
        }
        let arrival = Arc::clone(self);
        request.map(|inner| {
            Body::new(TimedBody {
                inner,
                arrival,
                deadline,
                timer: None,
            })
        })
    }

    /// Whether the body failed because it was not complete at the deadline.
    pub(super) fn is_late(&self) -> bool {
        self.late.load(Ordering::Relaxed)
    }

    /// Whether the handler is waiting for more of the body.
    pub(super) fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Relaxed)
    }
}

/// A body with a deadline. The deadline also ends a handler that runs on after its client has
/// disconnected (`finish`).
struct TimedBody {
    inner: Body,
    arrival: Arc<Arrival>,
    deadline: Instant,
    /// Created at the first poll that is pending. Most bodies arrive with the head and need none.
    timer: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_frame(cx);
        this.arrival
            .awaited
            .store(polled.is_pending(), Ordering::Relaxed);
        if polled.is_ready() {
            return polled;
        }
        let deadline = this.deadline;
        let timer = this
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timer.as_mut().poll(cx).map(|()| {
            this.arrival.late.store(true, Ordering::Relaxed);
            Some(Err(axum::Error::new(Late)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for TimedBody {
    /// Why: a handler that has dropped the body no longer waits for it.
    fn drop(&mut self) {
        self.arrival.awaited.store(false, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Late;

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body did not arrive in time")
    }
}

impl std::error::Error for Late {}
