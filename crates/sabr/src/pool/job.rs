use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;
use tracing::Span;

use super::queue::Ran;
use crate::ledger::QueuedJob;

/// Runs the work, tells the pool that its thread is free, and only then hands the result over: whoever
/// has the result sees a pool that has counted it.
pub(super) type Job = Box<dyn FnOnce(&dyn Fn(Ran)) + Send>;

/// The payload of a panic, as [`std::thread::Result`] carries it.
pub(crate) type Panic = Box<dyn Any + Send>;

/// The future result of a job; `Err` carries its panic. A job whose ticket is dropped before it has
/// started is skipped.
#[derive(Debug)]
pub(crate) struct Ticket<T>(oneshot::Receiver<Result<T, Panic>>);

impl<T> Future for Ticket<T> {
    type Output = Result<T, Panic>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The sender is dropped without a value only when the pool lost its last thread.
        let received = ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready(received.unwrap_or_else(|_| Err(Box::new("the pool could not start a thread"))))
    }
}

/// The job runs in the span that was current here.
pub(super) fn pair<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> (impl FnOnce() -> Job, Ticket<T>) {
    let (give, take) = oneshot::channel();
    let span = Span::current();
    let queued = QueuedJob::new();
    let run = move |settle: &dyn Fn(Ran)| {
        if give.is_closed() {
            drop(queued);
            return settle(Ran::Skipped);
        }
        let result = catch_unwind(AssertUnwindSafe(|| queued.run(|| span.in_scope(work))));
        drop(span);
        settle(Ran::Finished);
        // An error here says that nobody waits for the result any more.
        let _ = give.send(result);
    };
    (|| Box::new(run) as Job, Ticket(take))
}
