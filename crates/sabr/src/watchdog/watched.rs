use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::slot::now_ns;
use super::{What, enter};

pin_project! {
    /// Polls a future that is no part of a request under the eyes of the watchdog.
    pub(crate) struct Watched<F> {
        #[pin]
        future: F,
        what: What,
    }
}

impl<F> Watched<F> {
    pub(crate) fn new(what: What, future: F) -> Self {
        Self { future, what }
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _inside = enter(now_ns(), *this.what);
        this.future.poll(cx)
    }
}
