use std::panic::resume_unwind;
use std::sync::{Arc, LazyLock};

use crate::context;
use crate::shared::Shared;
use crate::{Overloaded, PoolKind, Sabr};

/// Runs `f` on the compute pool, which has as many threads as the machine has cores, and waits for it
/// without blocking the event loop.
///
/// For one heavy step inside an async handler: parsing, hashing, compressing; as a rule of thumb, whatever
/// takes more than 100 µs. The pool is that of the [`Sabr`] whose request or background task calls. In
/// other places, and in a task of your own (`tokio::spawn`), it is that of one `Sabr` with default
/// settings for the whole process, made when first needed; [`Sabr::compute`] names the one to use.
///
/// Dropped before `f` has started, the future takes `f` with it; once started, `f` runs to its end.
///
/// # Errors
///
/// [`Overloaded`] when the queue of the pool is full.
///
/// # Panics
///
/// A panic of `f` goes on in the caller.
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
    run_on(PoolKind::Compute, &ours(), f).await
}

/// Runs `f` on the blocking pool, and waits for it without blocking the event loop.
///
/// For calls that wait without giving their thread up: files, `std::process`, a client library without
/// async. In all else it is as [`compute`].
///
/// # Errors
///
/// [`Overloaded`] when the queue of the pool is full.
///
/// # Panics
///
/// A panic of `f` goes on in the caller.
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
    run_on(PoolKind::Blocking, &ours(), f).await
}

/// The service that polls us now, or the default one of the process.
pub(crate) fn ours() -> Arc<Shared> {
    static OF_THE_PROCESS: LazyLock<Sabr> = LazyLock::new(Sabr::default);
    match context::current() {
        Some(scope) => Arc::clone(scope.shared()),
        None => Arc::clone(OF_THE_PROCESS.shared()),
    }
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
    let ticket = shared.pools.get(kind).submit(f)?;
    match ticket.await {
        Ok(result) => Ok(result),
        Err(payload) => resume_unwind(payload),
    }
}
