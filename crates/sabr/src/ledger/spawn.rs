use std::future::Future;

use tokio::task::JoinHandle;

use super::aside::Aside;
use crate::context;

/// [`tokio::spawn`], on the account of the request that calls it.
///
/// What a task from `tokio::spawn` does is out of the sight of the ledger: to it, a handler that awaits the
/// task just waits. Of a task from here it sees the polls as it sees those of the handler, until the
/// request ends. The pools and the labels of the request work in it too.
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
    tokio::spawn(Aside::new(context::current(), future))
}
