use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::clock::now_ns;
use crate::slot::{PollId, enter};

pin_project! {
    /// A future whose polls are watched. From [`Watchdog::watch`](crate::Watchdog::watch).
    #[must_use = "futures do nothing unless awaited"]
    pub struct WatchedFuture<F> {
        #[pin]
        future: F,
        id: PollId,
    }
}

impl<F> WatchedFuture<F> {
    /// Watches the polls of `future` under a name that the watchdog knows by `id`.
    pub fn new(id: PollId, future: F) -> Self {
        Self { future, id }
    }
}

impl<F: Future> Future for WatchedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _guard = enter(now_ns(), *this.id);
        this.future.poll(cx)
    }
}

impl<F> fmt::Debug for WatchedFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedFuture")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
