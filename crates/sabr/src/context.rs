//! Which request the code that runs now belongs to, and so which `Sabr`.
//!
//! `compute`, `blocking` and `wait` are plain functions, and must find the request that calls them. A
//! thread-local would be a surprise if it were set for long; it is set only while a request, its body
//! or its tasks are polled, and put back after.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use sabr_ledger::Nanos;

use crate::layer::Scope;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
    /// How many labelled waits of the current request the code is inside of.
    static DEPTH: Cell<u16> = const { Cell::new(0) };
}

/// The request that is polled on this thread now.
pub(crate) fn current() -> Option<Arc<Scope>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Whether `scope` is polled on this thread now.
pub(crate) fn is_current(scope: &Arc<Scope>) -> bool {
    CURRENT.with_borrow(|current| {
        current
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, scope))
    })
}

/// What time it is for the request that is polled on this thread now.
pub(crate) fn current_now() -> Option<Nanos> {
    CURRENT.with_borrow(|scope| scope.as_ref().map(|scope| scope.now()))
}

/// How many labelled waits the code that runs now is inside of.
pub(crate) fn depth() -> u16 {
    DEPTH.get()
}

/// Runs `f` as part of `scope`.
pub(crate) fn enter<R>(scope: &Arc<Scope>, f: impl FnOnce() -> R) -> R {
    let _back = Back(CURRENT.replace(Some(Arc::clone(scope))));
    deeper(0, f)
}

/// Runs `f` inside of `depth` labelled waits.
pub(crate) fn deeper<R>(depth: u16, f: impl FnOnce() -> R) -> R {
    let _back = DepthBack(DEPTH.replace(depth));
    f()
}

/// Polls `future` as part of `scope`.
pub(crate) fn within<F: Future>(scope: Arc<Scope>, future: F) -> Within<F> {
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

struct DepthBack(u16);

impl Drop for DepthBack {
    fn drop(&mut self) {
        DEPTH.set(self.0);
    }
}

pin_project! {
    pub(crate) struct Within<F> {
        #[pin]
        future: F,
        scope: Arc<Scope>,
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        enter(this.scope, || this.future.poll(cx))
    }
}
