use super::current;
use super::poll::interrupted;

/// [`tokio::task::block_in_place`], reported to the ledger.
///
/// tokio first moves the other tasks of the worker to another thread, so `f` does not block the
/// event loop. Inside the handler's poll it looks as if it did. Through this function the ledger
/// counts it like a job on a pool.
///
/// The other futures of the same task still wait for `f`: those joined with it, and on HTTP/1 the
/// rest of the connection. [`blocking`](crate::blocking) avoids that, but its closure must be
/// `'static`.
///
/// # Panics
///
/// On a `current_thread` runtime, as tokio's function does.
///
/// ```
/// async fn motd() -> String {
///     sabr::block_in_place(|| std::fs::read_to_string("/etc/motd").unwrap_or_default())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(motd));
/// ```
pub fn block_in_place<R>(f: impl FnOnce() -> R) -> R {
    match current::current() {
        Some(scope) => interrupted(&scope, || tokio::task::block_in_place(f)),
        None => tokio::task::block_in_place(f),
    }
}
