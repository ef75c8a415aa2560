//! Jobs on pools, on the account of the request that submitted them.

use std::sync::Arc;

use sabr_ledger::Nanos;

use super::thread_clock::Stretch;
use crate::context;
use crate::layer::Scope;

/// A job that waits for its thread; dropped, it waits no more.
#[derive(Debug)]
pub(crate) struct QueuedJob(Option<Arc<Scope>>);

impl QueuedJob {
    /// A job of the request that is polled here, if there is one.
    pub(crate) fn new() -> Self {
        let scope = context::current();
        if let Some(scope) = &scope {
            scope.meter().queue(scope.now());
        }
        Self(scope)
    }

    /// Runs it, on the thread that this is called on.
    pub(crate) fn run<R>(mut self, f: impl FnOnce() -> R) -> R {
        match self.0.take() {
            Some(scope) => {
                let now = scope.now();
                measured(&scope, now, f)
            }
            None => f(),
        }
    }
}

impl Drop for QueuedJob {
    fn drop(&mut self) {
        if let Some(scope) = self.0.take() {
            scope.meter().unqueue(scope.now());
        }
    }
}

/// Runs `f` here and now as if on a pool.
pub(super) fn on_this_thread<R>(scope: &Arc<Scope>, now: Nanos, f: impl FnOnce() -> R) -> R {
    scope.meter().queue(now);
    measured(scope, now, f)
}

fn measured<R>(scope: &Arc<Scope>, now: Nanos, f: impl FnOnce() -> R) -> R {
    scope.meter().job_begins(now);
    let stretch = scope.stretch(now);
    let _running = RunningJob { scope, stretch };
    f()
}

/// A job that runs; it ends when dropped, also by a panic.
struct RunningJob<'a> {
    scope: &'a Arc<Scope>,
    stretch: Stretch,
}

impl Drop for RunningJob<'_> {
    fn drop(&mut self) {
        let now = self.scope.now();
        let spent = self.scope.spent(self.stretch, now);
        self.scope.meter().job_ends(now, spent);
    }
}
