//! Tasks that run beside a request's future, and are measured as parts of the request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::task::{ArcWake, waker_ref};
use pin_project_lite::pin_project;

use sabr_ledger::SidePart;

use super::poll::poll_side;
use super::scope::Scope;

pin_project! {
    /// Polls a future as a part of a request, in another task than the request's.
    pub(crate) struct SideTask<F> {
        #[pin]
        future: F,
        part: Option<Arc<Part>>,
    }

    impl<F> PinnedDrop for SideTask<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(part) = this.project().part.take() {
                part.scope.meter().side_ended(&part.state, part.scope.now());
            }
        }
    }
}

/// The waker of the part.
struct Part {
    scope: Arc<Scope>,
    state: SidePart,
}

impl<F> SideTask<F> {
    /// From now on the task waits for its first poll.
    pub(crate) fn new(scope: Option<Arc<Scope>>, future: F) -> Self {
        let part = scope.map(|scope| {
            scope.meter().queue(scope.now());
            Arc::new(Part {
                scope,
                state: SidePart::queued(),
            })
        });
        Self { future, part }
    }
}

impl<F: Future> Future for SideTask<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(part) = this.part else {
            return this.future.poll(cx);
        };
        let (scope, now) = (&part.scope, part.scope.now());
        scope.meter().side_poll_begins(&part.state, now, cx.waker());
        let waker = waker_ref(part);
        let future = this.future;
        poll_side(scope, now, || future.poll(&mut Context::from_waker(&waker)))
    }
}

impl ArcWake for Part {
    fn wake_by_ref(part: &Arc<Self>) {
        let meter = part.scope.meter();
        if let Some(waker) = meter.side_woken(&part.state, || part.scope.now()) {
            waker.wake();
        }
    }
}
