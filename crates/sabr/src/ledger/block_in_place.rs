use crate::context;

use super::poll::interrupted;

/// [`tokio::task::block_in_place`], of which the ledger knows.
///
/// tokio moves the other tasks of the worker to another thread first, so what blocks here does not block the
/// event loop; but from inside the handler's poll it looks as if it did. Through this function it is on the
/// account of the request as if it had run on a pool. Other futures of the same task still wait for it: those
/// joined with it, and on HTTP/1 the rest of the connection. [`blocking`](crate::blocking) has neither
/// cost, but needs what it is given to be `'static`.
///
/// # Panics
///
/// As tokio's: on a runtime with one thread.
///
/// ```
/// async fn motd() -> String {
///     sabr::block_in_place(|| std::fs::read_to_string("/etc/motd").unwrap_or_default())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(motd));
/// ```
pub fn block_in_place<R>(f: impl FnOnce() -> R) -> R {
    match context::current() {
        Some(scope) => interrupted(&scope, || tokio::task::block_in_place(f)),
        None => tokio::task::block_in_place(f),
    }
}
