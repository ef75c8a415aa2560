use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;

tokio::task_local! {
    /// The bytes held for the HTTP/2 stream whose task is running.
    static HELD: Arc<Held>;
}

/// The bytes of an HTTP/2 stream's answer that its client has not taken.
///
/// A client takes bytes by opening the stream's flow-control window. PINGs alone do not show that,
/// because a client with a closed window still answers them.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pieces: AtomicUsize,
    /// The number of pieces that the client took.
    taken: AtomicU64,
    given: AtomicWaker,
    emptied: AtomicWaker,
}

impl Held {
    /// Runs a stream, and gives up when its client takes nothing of the answer for `timeout`.
    /// Giving up happens at most half of that time late.
    pub(crate) async fn answer(stream: impl Future, timeout: Duration) {
        let held = Arc::new(Self::default());
        HELD.scope(Arc::clone(&held), async {
            tokio::select! {
                biased;
                _ = stream => {}
                () = held.stalled(timeout) => {
                    tracing::debug!("resetting a stream whose client takes nothing of its answer");
                }
            }
        })
        .await;
    }

    /// The value of the stream whose task is running; `None` over HTTP/1.
    pub(super) fn current() -> Option<Arc<Self>> {
        HELD.try_with(Arc::clone).ok()
    }

    async fn stalled(&self, timeout: Duration) {
        loop {
            poll_fn(|cx| {
                self.given.register(cx.waker());
                match self.is_empty() {
                    true => Poll::Pending,
                    false => Poll::Ready(()),
                }
            })
            .await;
            let (mut seen, mut quiet) = (self.taken(), 0);
            while !self.is_empty() {
                tokio::time::sleep(timeout / 2).await;
                let taken = self.taken();
                quiet = if taken == seen { quiet + 1 } else { 0 };
                seen = taken;
                if quiet == 2 && !self.is_empty() {
                    return;
                }
            }
        }
    }

    /// Waits until the client has taken everything.
    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.emptied.register(cx.waker());
        match self.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    pub(super) fn gave_piece(&self) {
        if self.pieces.fetch_add(1, Ordering::AcqRel) == 0 {
            self.given.wake();
        }
    }

    pub(super) fn piece_was_taken(&self) {
        self.taken.fetch_add(1, Ordering::AcqRel);
        if self.pieces.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.emptied.wake();
        }
    }

    fn is_empty(&self) -> bool {
        self.pieces.load(Ordering::Acquire) == 0
    }

    fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }
}
