use std::future::Future;

use tokio::task::JoinHandle;

use super::current;
use super::side_task::SideTask;

/// [`tokio::spawn`] for a part of a request.
///
/// The ledger does not see the polls of a task that `tokio::spawn` started: a handler that awaits
/// it just waits. It does see the polls of a task from this function, until the request ends. The
/// pools and the labels of the request work in the task too.
///
/// Outside of a request it is `tokio::spawn`.
///
/// # Panics
///
/// Outside of a tokio runtime.
///
/// ```
/// async fn both() -> String {
///     let side = sabr::spawn(async { 20 });
///     format!("{}", 22 + side.await.unwrap_or_default())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(both));
/// ```
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(SideTask::new(current::current(), future))
}
