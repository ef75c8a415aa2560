//! The count of pieces that a client has not taken yet, and who waits for it to change.

use std::task::{Context, Poll};

use crate::primitives::{AtomicU64, AtomicUsize, AtomicWaker, Ordering};

/// How many pieces of one answer wait for the client.
#[derive(Debug, Default)]
pub(crate) struct PieceCount {
    waiting: AtomicUsize,
    /// The number of pieces that the client took.
    taken: AtomicU64,
    given: AtomicWaker,
    emptied: AtomicWaker,
}

impl PieceCount {
    /// One more piece waits.
    pub(crate) fn give(&self) {
        if self.waiting.fetch_add(1, Ordering::AcqRel) == 0 {
            self.given.wake();
        }
    }

    /// The client took a piece.
    pub(crate) fn take(&self) {
        self.taken.fetch_add(1, Ordering::AcqRel);
        if self.waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.emptied.wake();
        }
    }

    /// Waits until a piece waits. One task at a time.
    pub(crate) fn poll_given(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.given.register(cx.waker());
        match self.is_empty() {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }

    /// Waits until the client has taken everything. One task at a time.
    pub(crate) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.emptied.register(cx.waker());
        match self.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.load(Ordering::Acquire) == 0
    }

    /// The number of pieces that the client took.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }
}
