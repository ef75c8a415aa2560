use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use sabr_watchdog::WatchedFuture;
use tracing::Instrument;

use crate::backlog::{Due, Next, OnThread, Outcome, Task, TaskState, Work};
use crate::panic;
use crate::poll_subject::PollSubject;
use crate::pool::{Panic, PoolKind};
use crate::request::{self, Scope};
use crate::shared::Shared;
use crate::until_stopped::UntilStopped;

/// Adds a task to its request. After the end of the response it starts at once, or after those
/// before it.
pub(super) fn add(scope: &Arc<Scope>, task: Task) {
    start_if(scope, scope.add_task(task));
}

/// The response has ended. Ends the request and starts its tasks. Later calls change nothing.
pub(crate) fn end_request(scope: &Arc<Scope>, outcome: Outcome) {
    start_if(scope, request::end(scope, outcome));
}

/// The client disconnected before there was a response. Ends the request, unless its handler runs
/// on.
pub(crate) fn client_disconnected(scope: &Arc<Scope>) {
    scope.client_is_gone();
    if !scope.is_finishing() {
        end_request(scope, Outcome::Broken);
    }
}

fn start_if(scope: &Arc<Scope>, next: Next) {
    if next == Next::Run {
        scope.shared().spawn(run(Arc::clone(scope)));
    }
}

/// Runs the tasks of one request, until its list is empty or shutdown has ended. A task that is
/// stopped stays in the registry, and the shutdown report names it.
fn run(scope: Arc<Scope>) -> impl Future<Output = ()> + Send {
    let shared = Arc::clone(scope.shared());
    let all = request::within(Arc::clone(&scope), run_all(scope));
    UntilStopped::new(shared, all)
}

async fn run_all(scope: Arc<Scope>) {
    let shared = scope.shared();
    let mut permit = None;
    while let Some(due) = scope.take_task() {
        match due {
            // Why without a permit: a clean-up must not wait for tasks.
            Due::CleanUp(task) => run_one(shared, task).await,
            Due::Skip(task) => shared.registry.end(task.id, TaskState::Skipped),
            Due::Run(task) if scope.runs_tasks_concurrently() => {
                shared.spawn(run_concurrently(Arc::clone(&scope), task));
            }
            Due::Run(task) => {
                if permit.is_none() {
                    // The semaphore is never closed.
                    permit = shared.running_tasks.acquire().await.ok();
                }
                run_one(shared, task).await;
            }
        }
    }
}

/// Runs one task with a permit of its own. The runner of its list does not wait for it.
fn run_concurrently(scope: Arc<Scope>, task: Task) -> impl Future<Output = ()> + Send {
    let shared = Arc::clone(scope.shared());
    let own = Arc::clone(&shared);
    let work = async move {
        let _permit = own.running_tasks.acquire().await;
        run_one(&own, task).await;
    };
    UntilStopped::new(shared, request::within(scope, work))
}

async fn run_one(shared: &Shared, task: Task) {
    let Task {
        id,
        name,
        span,
        work,
        ..
    } = task;
    shared.registry.start(id);
    let span =
        tracing::info_span!(parent: &span, "background_task", task.id = %id, task.name = %name);
    let subject = PollSubject::task(u64::from(id));
    let poll_id = shared.watchdog.poll_id(subject.to_bits());
    let work = WatchedFuture::new(poll_id, do_work(shared, work));
    let ended = work.instrument(span.clone()).await;
    let state = match ended {
        Ok(()) => TaskState::Done,
        Err(error) => {
            tracing::error!(parent: &span, task.id = %id, task.name = %name, error, "background task failed");
            TaskState::Failed(error)
        }
    };
    shared.registry.end(id, state);
}

/// A panic is a failure with the message of the panic.
async fn do_work(shared: &Shared, work: Work) -> Result<(), String> {
    let ended = match work {
        Work::Async(future) => AssertUnwindSafe(future).catch_unwind().await,
        Work::Sync(f) => on_thread(shared, PoolKind::Tasks, f).await,
        Work::CleanUp(f) => on_thread(shared, PoolKind::CleanUp, f).await,
    };
    ended.unwrap_or_else(|payload| Err(format!("panicked: {}", panic::message(&*payload))))
}

async fn on_thread(
    shared: &Shared,
    kind: PoolKind,
    f: OnThread,
) -> Result<Result<(), String>, Panic> {
    match request::submit(shared.pools.get(kind), f) {
        Ok(ticket) => ticket.await,
        Err(refused) => Ok(Err(refused.to_string())),
    }
}
