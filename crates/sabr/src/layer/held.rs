use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::piece_count::PieceCount;

tokio::task_local! {
    /// The bytes held for the HTTP/2 stream whose task is running.
    static HELD: Arc<Held>;
}

/// The bytes of an HTTP/2 stream's answer that its client has not taken.
///
/// A client takes bytes by opening the stream's flow-control window. PINGs alone do not show that,
/// because a client with a closed window still answers them.
#[derive(Debug, Default)]
pub(crate) struct Held(PieceCount);

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
            poll_fn(|cx| self.0.poll_given(cx)).await;
            let (mut seen, mut quiet) = (self.0.taken(), 0);
            while !self.0.is_empty() {
                tokio::time::sleep(timeout / 2).await;
                let taken = self.0.taken();
                quiet = if taken == seen { quiet + 1 } else { 0 };
                seen = taken;
                if quiet == 2 && !self.0.is_empty() {
                    return;
                }
            }
        }
    }

    /// Waits until the client has taken everything.
    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_empty(cx)
    }

    pub(super) fn gave_piece(&self) {
        self.0.give();
    }

    pub(super) fn piece_was_taken(&self) {
        self.0.take();
    }
}
