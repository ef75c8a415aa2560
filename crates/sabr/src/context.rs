//! Which request the code that runs now belongs to, and so which `Sabr`.
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

use crate::layer::Scope;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
}

/// The request that is polled on this thread now.
pub(crate) fn current() -> Option<Arc<Scope>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Runs `f` as part of `scope`.
pub(crate) fn enter<R>(scope: &Arc<Scope>, f: impl FnOnce() -> R) -> R {
    let _back = Back(CURRENT.replace(Some(Arc::clone(scope))));
    f()
}

/// Polls `future` as part of `scope`, if there is one.
pub(crate) fn within<F: Future>(scope: Option<Arc<Scope>>, future: F) -> Within<F> {
    Within { future, scope }
}

/// Puts back what was there before, also after a panic.
struct Back(Option<Arc<Scope>>);

impl Drop for Back {
    fn drop(&mut self) {
        let entered = CURRENT.replace(self.0.take());
        // Dropped out of the borrow: it may be the last, and run the drop of a whole request.
        drop(entered);
    }
}

pin_project! {
    pub(crate) struct Within<F> {
        #[pin]
        future: F,
        scope: Option<Arc<Scope>>,
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        match this.scope {
            Some(scope) => enter(scope, || this.future.poll(cx)),
            None => this.future.poll(cx),
        }
    }
}
