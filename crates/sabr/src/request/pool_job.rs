//! Jobs on pools, reported to the ledger account of the request that submitted them.

use std::sync::Arc;

use sabr_ledger::Nanos;
use tokio::runtime::Handle;

use super::current;
use super::scope::Scope;
use crate::clock::Stretch;
use crate::pool::{Overloaded, Pool, PoolKind, Ticket};

/// Submits `work` to a pool, for the request that is polled on this thread, if there is one.
///
/// On the thread, `work` finds what it would find here: the request, and the runtime.
///
/// # Errors
///
/// [`Overloaded`] when the queue of the pool is full.
pub(crate) fn submit<T: Send + 'static>(
    pool: &Pool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Ticket<T>, Overloaded> {
    let queued = QueuedJob::new(pool.kind() == PoolKind::Endpoint);
    pool.submit(move || queued.run(work))
}

/// A job that waits for its thread. When it is dropped, it does not wait any more.
#[derive(Debug)]
struct QueuedJob {
    scope: Option<Arc<Scope>>,
    runtime: Option<Handle>,
    is_function: bool,
}

impl QueuedJob {
    fn new(is_function: bool) -> Self {
        let scope = current::current();
        if let Some(scope) = &scope {
            scope.meter().queue(scope.now());
        }
        let runtime = Handle::try_current().ok();
        Self {
            scope,
            runtime,
            is_function,
        }
    }

    fn run<R>(mut self, f: impl FnOnce() -> R) -> R {
        let runtime = self.runtime.take();
        let _entered = runtime.as_ref().map(Handle::enter);
        match self.scope.take() {
            Some(scope) => {
                let now = scope.now();
                measured(&scope, now, self.is_function, || current::enter(&scope, f))
            }
            None => f(),
        }
    }
}

impl Drop for QueuedJob {
    fn drop(&mut self) {
        if let Some(scope) = self.scope.take() {
            scope.meter().unqueue(scope.now());
        }
    }
}

/// Runs `f` on this thread, and reports it as a job on a pool.
pub(super) fn run_here<R>(scope: &Arc<Scope>, now: Nanos, f: impl FnOnce() -> R) -> R {
    scope.meter().queue(now);
    measured(scope, now, false, f)
}

fn measured<R>(scope: &Arc<Scope>, now: Nanos, is_function: bool, f: impl FnOnce() -> R) -> R {
    scope.meter().job_begins(now);
    let stretch = scope.stretch(now);
    let _running = RunningJob {
        scope,
        stretch,
        is_function,
    };
    f()
}

/// A running job. It ends when this is dropped, also by a panic.
struct RunningJob<'a> {
    scope: &'a Arc<Scope>,
    stretch: Stretch,
    is_function: bool,
}

impl Drop for RunningJob<'_> {
    fn drop(&mut self) {
        let now = self.scope.now();
        let spent = self.scope.spent(self.stretch, now);
        self.scope.meter().job_ends(now, spent, self.is_function);
    }
}
