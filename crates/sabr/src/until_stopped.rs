use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::shared::Shared;

pin_project! {
    /// Does its work, and drops it when shutdown has ended.
    ///
    /// The work is polled first. Most work ends in one poll, and then never takes the lock of the
    /// token. Why by hand: `select!` in an `async fn` would hold the work twice.
    pub(crate) struct UntilStopped<F> {
        #[pin]
        work: F,
        shared: Arc<Shared>,
        stopped: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    }
}

impl<F> UntilStopped<F> {
    pub(crate) fn new(shared: Arc<Shared>, work: F) -> Self {
        let stopped = None;
        Self {
            work,
            shared,
            stopped,
        }
    }
}

impl<F: Future<Output = ()>> Future for UntilStopped<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.work.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let stop = &this.shared.stop;
        let wait = || Box::pin(stop.clone().cancelled_owned());
        this.stopped.get_or_insert_with(wait).as_mut().poll(cx)
    }
}
