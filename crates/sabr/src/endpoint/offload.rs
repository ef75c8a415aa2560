use std::panic::resume_unwind;
use std::sync::Arc;

use super::not_run::NotRun;
use crate::pool::{Overloaded, PoolKind};
use crate::problem::MissingLayer;
use crate::request;
use crate::shared::Shared;

/// Runs `f` on the compute pool and waits for it without blocking the event loop.
///
/// For one heavy step inside an async handler: parsing, hashing, compressing. As a rule of thumb,
/// for whatever computes for more than 100 µs. The pool has as many threads as the machine has
/// cores.
///
/// The pool belongs to the [`Sabr`](crate::Sabr) whose request or background task calls. There is
/// none elsewhere, for instance in a task that `tokio::spawn` started. Start the task with
/// [`sabr::spawn`](crate::spawn), or call [`Sabr::compute`](crate::Sabr::compute).
///
/// If the future is dropped before `f` has started, `f` does not run. Once started, `f` runs to its
/// end.
///
/// # Errors
///
/// [`NotRun`] when the queue of the pool is full, and outside of a request.
///
/// # Panics
///
/// If `f` panics, the panic is resumed in the caller.
///
/// ```
/// async fn digest(body: String) -> Result<String, sabr::NotRun> {
///     let sum = sabr::compute(move || body.bytes().map(u64::from).sum::<u64>()).await?;
///     Ok(sum.to_string())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(digest));
/// ```
pub async fn compute<F, T>(f: F) -> Result<T, NotRun>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Ok(run_on(PoolKind::Compute, &current()?, f).await?)
}

/// Runs `f` on the blocking pool, and waits for it without blocking the event loop.
///
/// For calls that block their thread while they wait: files, `std::process`, a client library
/// without async. In everything else it is like [`compute`]. The pool has 64 threads by default.
///
/// # Errors
///
/// [`NotRun`] when the queue of the pool is full, and outside of a request.
///
/// # Panics
///
/// If `f` panics, the panic is resumed in the caller.
///
/// ```
/// async fn motd() -> Result<String, sabr::NotRun> {
///     let text = sabr::blocking(|| std::fs::read_to_string("/etc/motd")).await?;
///     Ok(text.unwrap_or_default())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(motd));
/// ```
pub async fn blocking<F, T>(f: F) -> Result<T, NotRun>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Ok(run_on(PoolKind::Blocking, &current()?, f).await?)
}

/// The `Sabr` of the request that is polled on this thread.
fn current() -> Result<Arc<Shared>, MissingLayer> {
    let current = request::current().ok_or(MissingLayer)?;
    Ok(Arc::clone(current.shared()))
}

pub(crate) async fn run_on<F, T>(
    kind: PoolKind,
    shared: &Arc<Shared>,
    f: F,
) -> Result<T, Overloaded>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let ticket = request::submit(shared.pools.get(kind), f)?;
    match ticket.await {
        Ok(result) => Ok(result),
        Err(payload) => resume_unwind(payload),
    }
}
