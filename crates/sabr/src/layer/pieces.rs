use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use bytes::Bytes;

use super::budget::{Budget, Charge};
use super::held::Held;

/// An answer of at most this many bytes is handed over HTTP/1 as it is.
const WHOLE_MAX: u64 = 64 * 1024;

/// An answer of at most this many bytes is handed over HTTP/2 as it is: its frame may stay in the
/// connection's buffer for as long as the connection lives.
const WHOLE_MAX_HTTP2: u64 = 1024;

/// How much is handed to the connection at once, and what a client has to take in each period of the
/// timeout.
const PIECE: usize = 16 * 1024;

/// An answer on its way in pieces, so that the connection's buffers hold little of it, and what waits
/// is counted.
pub(super) struct Pieces {
    budget: Arc<Budget>,
    stream: Option<Arc<Held>>,
    /// Of the whole body if its size is known, otherwise of the last frame. Shared by its pieces: all
    /// of it stays in memory until the last of them is dropped.
    charge: Option<Arc<Charge>>,
    /// Whether the body is in memory as a whole.
    sized: bool,
    /// What is not handed over of the last frame.
    rest: Bytes,
    room: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// A large answer does not fit into the budget.
#[derive(Debug)]
pub(super) struct NoRoom;

impl Pieces {
    /// None for an answer that is handed over as it is. What is `refusable` may be refused.
    pub(super) fn of(
        body: &Body,
        budget: &Arc<Budget>,
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

    /// The next piece of the last frame, if it is not handed over whole.
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

    /// Waits until another frame may be asked for.
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

    /// Cuts this frame.
    pub(super) fn cut(&mut self, frame: Bytes) {
        if !self.sized {
            self.charge = Some(Arc::new(self.budget.charge(frame.len())));
        }
        self.rest = frame;
    }

    pub(super) fn remaining(&self) -> u64 {
        self.rest.len() as u64
    }

    /// Whether the body may be dropped: over HTTP/2 a stream that has ended can't be reset any more,
    /// so its end is told only when the rest was taken.
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

/// Bytes that are in the connection's hands. Dropped when they were written.
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
