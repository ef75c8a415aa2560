use std::panic::resume_unwind;
use std::sync::{Arc, LazyLock};

use crate::config::Config;
use crate::pool::{Overloaded, PoolKind};
use crate::request;
use crate::shared::Shared;

/// Runs `f` on the compute pool and waits for it without blocking the event loop.
///
/// For one heavy step inside an async handler: parsing, hashing, compressing. As a rule of thumb,
/// for whatever computes for more than 100 µs. The pool has as many threads as the machine has
/// cores.
///
/// The pool belongs to the [`Sabr`](crate::Sabr) whose request or background task calls. Elsewhere,
/// and in a task that `tokio::spawn` started, it belongs to one `Sabr` with default settings that
/// the process shares. [`Sabr::compute`](crate::Sabr::compute) chooses the `Sabr` explicitly.
///
/// If the future is dropped before `f` has started, `f` does not run. Once started, `f` runs to its
/// end.
///
/// # Errors
///
/// [`Overloaded`] when the queue of the pool is full.
///
/// # Panics
///
/// If `f` panics, the panic is resumed in the caller.
///
/// ```
/// async fn digest(body: String) -> Result<String, sabr::Overloaded> {
///     let sum = sabr::compute(move || body.bytes().map(u64::from).sum::<u64>()).await?;
///     Ok(sum.to_string())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(digest));
/// ```
pub async fn compute<F, T>(f: F) -> Result<T, Overloaded>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    run_on(PoolKind::Compute, &current_or_default(), f).await
}

/// Runs `f` on the blocking pool, and waits for it without blocking the event loop.
///
/// For calls that block their thread while they wait: files, `std::process`, a client library
/// without async. In everything else it is like [`compute`]. The pool has 64 threads by default.
///
/// # Errors
///
/// [`Overloaded`] when the queue of the pool is full.
///
/// # Panics
///
/// If `f` panics, the panic is resumed in the caller.
///
/// ```
/// async fn motd() -> Result<String, sabr::Overloaded> {
///     let text = sabr::blocking(|| std::fs::read_to_string("/etc/motd")).await?;
///     Ok(text.unwrap_or_default())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(motd));
/// ```
pub async fn blocking<F, T>(f: F) -> Result<T, Overloaded>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    run_on(PoolKind::Blocking, &current_or_default(), f).await
}

/// The `Sabr` of the request that is polled on this thread, or the default one of the process.
pub(crate) fn current_or_default() -> Arc<Shared> {
    static DEFAULT: LazyLock<Arc<Shared>> =
        LazyLock::new(|| Arc::new(Shared::new(Config::default())));
    let current = request::current();
    Arc::clone(current.as_ref().map_or(&DEFAULT, |scope| scope.shared()))
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
