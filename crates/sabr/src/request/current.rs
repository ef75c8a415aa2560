//! The request that is polled on this thread.
//!
//! `compute`, `blocking` and `wait` are plain functions and must find the request that calls them.
//! A thread-local holds it while the request, its body or its tasks are polled, and is restored
//! afterwards.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use sabr_ledger::{Nanos, SLOW_STRETCH};

use super::scope::Scope;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
    /// The number of labelled waits around the running code.
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

/// The present time by the clock of the request that is polled on this thread now.
pub(crate) fn current_now() -> Option<Nanos> {
    CURRENT.with_borrow(|scope| scope.as_ref().map(|scope| scope.now()))
}

/// Reports that a plain `fn` ran for this time in the current poll. Only a slow one is reported,
/// because that takes a lock.
pub(crate) fn function_ran(took: Duration) {
    let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    if nanos >= SLOW_STRETCH {
        CURRENT.with_borrow(|scope| {
            scope
                .as_ref()
                .map(|scope| scope.meter().function_ran(nanos))
        });
    }
}

/// The number of labelled waits around the running code.
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

/// Restores the previous request, also after a panic.
struct Back(Option<Arc<Scope>>);

impl Drop for Back {
    fn drop(&mut self) {
        let entered = CURRENT.replace(self.0.take());
        // Why outside of the borrow: dropping the last reference drops the whole request.
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
