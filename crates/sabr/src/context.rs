//! Which `Sabr` the code that runs now belongs to.
//!
//! `compute` and `blocking` are plain functions, and must find the pools of the service that calls them.
//! A thread-local would be a surprise if it were set for long; it is set only while a request, its body
//! or its tasks are polled, and put back after.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::shared::Shared;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

/// The `Sabr` that polls on this thread now.
pub(crate) fn current() -> Option<Arc<Shared>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Runs `f` as part of `shared`.
pub(crate) fn enter<R>(shared: &Arc<Shared>, f: impl FnOnce() -> R) -> R {
    let _back = Back(CURRENT.replace(Some(Arc::clone(shared))));
    f()
}

/// Polls `future` as part of `shared`.
pub(crate) fn within<F: Future>(shared: Arc<Shared>, future: F) -> Within<F> {
    Within { future, shared }
}

/// Puts back what was there before, also after a panic.
struct Back(Option<Arc<Shared>>);

impl Drop for Back {
    fn drop(&mut self) {
        let entered = CURRENT.replace(self.0.take());
        // Dropped out of the borrow: it may be the last, and run the drop of a whole service.
        drop(entered);
    }
}

pin_project! {
    pub(crate) struct Within<F> {
        #[pin]
        future: F,
        shared: Arc<Shared>,
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        enter(this.shared, || this.future.poll(cx))
    }
}
