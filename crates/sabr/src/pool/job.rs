use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;
use tracing::Span;

use super::queue::Ran;

/// Runs the work, reports to the pool that its thread is free, and then hands over the result. Why
/// in this order: a caller that has the result must see the job counted as finished.
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

/// The job of `work`, and the ticket for its result. The job runs in the span that is current now.
pub(super) fn pair<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> (impl FnOnce() -> Job, Ticket<T>) {
    let (sender, receiver) = oneshot::channel();
    let span = Span::current();
    let run = move |settle: &dyn Fn(Ran)| {
        if sender.is_closed() {
            drop(work);
            return settle(Ran::Skipped);
        }
        let result = catch_unwind(AssertUnwindSafe(|| span.in_scope(work)));
        drop(span);
        settle(Ran::Finished);
        // An error means that the caller has been dropped.
        let _ = sender.send(result);
    };
    (|| Box::new(run) as Job, Ticket(receiver))
}
