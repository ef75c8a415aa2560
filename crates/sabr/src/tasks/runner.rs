use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use sabr_watchdog::WatchedFuture;
use tracing::Instrument;

use super::task::{OnThread, Work};
use super::{Due, Task, TaskState};
use crate::PoolKind;
use crate::context;
use crate::layer::Scope;
use crate::panic;
use crate::poll_subject::PollSubject;
use crate::pool::Panic;
use crate::shared::Shared;
use crate::until_stopped::UntilStopped;

/// Runs the tasks of one request, and ends when its list is empty or shutdown has ended. What is stopped
/// is still in the registry, and the shutdown report names it.
pub(crate) fn run(scope: Arc<Scope>) -> impl Future<Output = ()> + Send {
    let shared = Arc::clone(scope.shared());
    let all = context::within(Arc::clone(&scope), run_all(scope));
    UntilStopped::new(shared, all)
}

async fn run_all(scope: Arc<Scope>) {
    let shared = scope.shared();
    let mut permit = None;
    while let Some(due) = scope.take_task() {
        match due {
            // Without a permit: clean-up waits for no task, of this request or of another.
            Due::CleanUp(task) => run_one(shared, task).await,
            Due::Skip(task) => shared.registry.end(task.id, TaskState::Skipped),
            Due::Run(task) if scope.runs_tasks_concurrently() => {
                shared.spawn(run_aside(Arc::clone(&scope), task));
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

/// Holds a permit of its own, and is not waited for by the runner of its list.
fn run_aside(scope: Arc<Scope>, task: Task) -> impl Future<Output = ()> + Send {
    let shared = Arc::clone(scope.shared());
    let own = Arc::clone(&shared);
    let work = async move {
        let _permit = own.running_tasks.acquire().await;
        run_one(&own, task).await;
    };
    UntilStopped::new(shared, context::within(scope, work))
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

/// A panic is a failure like any other, with the message of the panic.
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
    match shared.pools.get(kind).submit(f) {
        Ok(ticket) => ticket.await,
        Err(refused) => Ok(Err(refused.to_string())),
    }
}
