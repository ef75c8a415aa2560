use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tracing::Instrument;

use super::task::{OnThread, Work};
use super::{Due, Task, TaskState};
use crate::PoolKind;
use crate::context;
use crate::layer::Scope;
use crate::panic;
use crate::pool::Panic;
use crate::shared::Shared;

/// Runs the tasks of one request, and ends when its list is empty or shutdown has ended.
pub(crate) async fn run(scope: Arc<Scope>) {
    let shared = Arc::clone(scope.shared());
    until_stopped(shared, run_all(scope)).await;
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
                let own = run_aside(Arc::clone(shared), task);
                shared.spawn(until_stopped(Arc::clone(shared), own));
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
async fn run_aside(shared: Arc<Shared>, task: Task) {
    let _permit = shared.running_tasks.acquire().await;
    run_one(&shared, task).await;
}

/// What is stopped here is still in the registry, and the shutdown report names it.
async fn until_stopped(shared: Arc<Shared>, work: impl Future<Output = ()>) {
    let work = context::within(Arc::clone(&shared), work);
    let _ = shared.stop.run_until_cancelled(work).await;
}

async fn run_one(shared: &Shared, task: Task) {
    let id = task.id;
    let span = tracing::info_span!(parent: &task.span, "background_task", task.id = %id, task.name = %task.name);
    shared.registry.start(id);
    let state = async {
        match do_work(shared, task.work).await {
            Ok(()) => TaskState::Done,
            Err(error) => {
                tracing::error!(task.id = %id, task.name = %task.name, error, "background task failed");
                TaskState::Failed(error)
            }
        }
    }
    .instrument(span)
    .await;
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
