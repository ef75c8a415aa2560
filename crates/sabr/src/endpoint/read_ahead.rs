//! Reads the body of a request on the event loop, before a thread of a pool parses it.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// A body of at most this many bytes is parsed on the event loop.
///
/// Why: a hop to a thread and back takes about 10 µs, and so does parsing this much JSON.
pub(super) const SMALL: u64 = 16 * 1024;

/// This many bytes are read before the extractor goes on. Bounds the memory and the number of hops.
const AHEAD: u64 = 1024 * 1024;

/// Whether the body may be longer than [`SMALL`].
pub(super) fn may_be_large(body: &Body) -> bool {
    body.size_hint().upper().is_none_or(|upper| upper > SMALL)
}

/// Reads the body ahead of an extractor. Nothing is read before the extractor polls the body. All
/// clones share one state.
#[derive(Clone)]
pub(super) struct ReadAhead {
    gate: Arc<Gate>,
}

struct Gate {
    state: Mutex<State>,
    /// Notified when the extractor polls the body for more, or is woken.
    asked: Notify,
}

struct State {
    body: Body,
    /// Frames that were read and that the extractor has not taken.
    frames: VecDeque<Result<Frame<Bytes>, axum::Error>>,
    bytes: u64,
    /// The number of bytes read since the beginning of the body.
    total: u64,
    ended: bool,
    /// Set while the extractor waits for a frame.
    waiting: Option<Waker>,
    /// The extractor has finished. If it returned the body itself, the body is now read directly.
    open: bool,
}

impl ReadAhead {
    /// Wraps the body of the request.
    pub(super) fn of(request: Request) -> (Request, Self) {
        let (head, body) = request.into_parts();
        let gate = Arc::new(Gate {
            state: Mutex::new(State {
                body,
                frames: VecDeque::new(),
                bytes: 0,
                total: 0,
                ended: false,
                waiting: None,
                open: false,
            }),
            asked: Notify::new(),
        });
        let body = Body::new(GatedBody(Arc::clone(&gate)));
        (Request::from_parts(head, body), Self { gate })
    }

    /// Polls the extractor once. If it is pending, [`next`](Self::next) says when to poll it again.
    pub(super) fn poll<F: Future + ?Sized>(&self, extracting: &mut Pin<Box<F>>) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.gate));
        let polled = extracting.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            self.gate.state.lock().open = true;
        }
        polled
    }

    /// Waits until the extractor can go on. Reads ahead if the extractor waits for a frame.
    pub(super) async fn next(&self) {
        self.gate.asked.notified().await;
        if self.gate.state.lock().waiting.is_none() {
            return;
        }
        std::future::poll_fn(|cx| self.gate.state.lock().poll_read(cx)).await;
        let waiting = self.gate.state.lock().waiting.take();
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    /// Whether the body has ended and was at most [`SMALL`].
    pub(super) fn was_small(&self) -> bool {
        let state = self.gate.state.lock();
        state.ended && state.total <= SMALL
    }
}

impl std::task::Wake for Gate {
    fn wake(self: Arc<Self>) {
        self.asked.notify_one();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.asked.notify_one();
    }
}

impl State {
    /// Reads frames until there are [`AHEAD`] bytes, or until the end.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.ended && self.bytes < AHEAD {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(frame) => {
                    let data = frame.as_ref().ok().and_then(Frame::data_ref);
                    let length = data.map_or(0, Bytes::len) as u64;
                    self.bytes += length;
                    self.total += length;
                    self.ended = frame.is_err();
                    self.frames.push_back(frame);
                }
                None => self.ended = true,
            }
        }
        Poll::Ready(())
    }

    fn take(&mut self) -> Option<Result<Frame<Bytes>, axum::Error>> {
        let frame = self.frames.pop_front()?;
        let data = frame.as_ref().ok().and_then(Frame::data_ref);
        self.bytes -= data.map_or(0, Bytes::len) as u64;
        Some(frame)
    }
}

/// The body that the extractor gets.
struct GatedBody(Arc<Gate>);

impl HttpBody for GatedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut state = self.0.state.lock();
        if let Some(frame) = state.take() {
            return Poll::Ready(Some(frame));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        if state.open {
            return Pin::new(&mut state.body).poll_frame(cx);
        }
        state.waiting = Some(cx.waker().clone());
        drop(state);
        self.0.asked.notify_one();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        let state = self.0.state.lock();
        state.frames.is_empty() && (state.ended || state.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let state = self.0.state.lock();
        let rest = state.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + state.bytes);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + state.bytes);
        }
        hint
    }
}
