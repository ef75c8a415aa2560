use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use bytes::Bytes;

use super::held::Held;
use crate::response_budget::{Charge, ResponseBudget};

/// Over HTTP/1 an answer of at most this many bytes is not cut.
const WHOLE_MAX: u64 = 64 * 1024;

/// Over HTTP/2 an answer of at most this many bytes is not cut. Its frame may stay in the
/// connection's buffer for as long as the connection lives.
const WHOLE_MAX_HTTP2: u64 = 1024;

/// The size of a piece. A client has to take this many bytes in each period of the timeout.
const PIECE: usize = 16 * 1024;

/// Hands an answer to the connection in pieces. So the connection's buffers hold little of it, and
/// the waiting bytes are counted.
pub(super) struct Pieces {
    budget: Arc<ResponseBudget>,
    stream: Option<Arc<Held>>,
    /// The charge for the whole body if its size is known, otherwise for the last frame. Its
    /// pieces share it, because the memory is freed only when the last of them is dropped.
    charge: Option<Arc<Charge>>,
    /// Whether the whole body is in memory.
    sized: bool,
    /// The rest of the last frame, not yet handed over.
    rest: Bytes,
    room: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// A large answer exceeds the budget.
#[derive(Debug)]
pub(super) struct NoRoom;

impl Pieces {
    /// `None` for an answer that is not cut. A `refusable` answer may be refused.
    pub(super) fn of(
        body: &Body,
        budget: &Arc<ResponseBudget>,
        refusable: bool,
    ) -> Result<Option<Self>, NoRoom> {
        let stream = Held::current();
        let whole_max = match &stream {
            Some(_) => WHOLE_MAX_HTTP2,
            None => WHOLE_MAX,
        };
        let size = body.size_hint().exact();
        let charge = match size {
            Some(size) if size <= whole_max => return Ok(None),
            Some(size) => {
                let bytes = usize::try_from(size).unwrap_or(usize::MAX);
                let charge = match size > WHOLE_MAX && refusable {
                    true => budget.try_charge(bytes).ok_or(NoRoom)?,
                    false => budget.charge(bytes),
                };
                Some(Arc::new(charge))
            }
            None => None,
        };
        Ok(Some(Self {
            budget: Arc::clone(budget),
            stream,
            charge,
            sized: size.is_some(),
            rest: Bytes::new(),
            room: None,
        }))
    }

    /// The next piece of the last frame, if that frame is cut.
    pub(super) fn next(&mut self) -> Option<Bytes> {
        if self.rest.is_empty() {
            return None;
        }
        let bytes = self.rest.split_to(self.rest.len().min(PIECE));
        if let Some(stream) = &self.stream {
            stream.gave_piece();
        }
        Some(Bytes::from_owner(Piece {
            stream: self.stream.clone(),
            _charge: self.charge.clone(),
            bytes,
        }))
    }

    /// Waits until another frame may be polled.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.sized {
            return Poll::Ready(());
        }
        self.charge = None;
        if self.room.is_none() {
            if !self.budget.is_full() {
                return Poll::Ready(());
            }
            self.room = Some(Box::pin(Arc::clone(&self.budget).room()));
        }
        if let Some(room) = &mut self.room {
            ready!(room.as_mut().poll(cx));
            self.room = None;
        }
        Poll::Ready(())
    }

    /// Cuts this frame into pieces.
    pub(super) fn cut(&mut self, frame: Bytes) {
        if !self.sized {
            self.charge = Some(Arc::new(self.budget.charge(frame.len())));
        }
        self.rest = frame;
    }

    pub(super) fn remaining(&self) -> u64 {
        self.rest.len() as u64
    }

    /// Whether the body may be dropped. Why: an HTTP/2 stream that has ended cannot be reset any
    /// more, so the end is reported only after the client has taken the rest.
    pub(super) fn is_over(&self) -> bool {
        self.rest.is_empty() && self.stream.is_none()
    }

    pub(super) fn poll_taken(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.stream {
            Some(stream) => stream.poll_empty(cx),
            None => Poll::Ready(()),
        }
    }
}

/// Bytes that the connection holds. Dropped after they were written.
struct Piece {
    bytes: Bytes,
    stream: Option<Arc<Held>>,
    _charge: Option<Arc<Charge>>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        if let Some(stream) = &self.stream {
            stream.piece_was_taken();
        }
    }
}
