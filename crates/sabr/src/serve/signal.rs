use std::future::pending;

/// SIGTERM or Ctrl-C. Each call waits for one that comes after it.
///
/// Where a handler cannot be installed that signal keeps its default action, and is not waited for.
pub(super) async fn terminated() {
    tokio::select! {
        () = ctrl_c() => {}
        () = sigterm() => {}
    }
}

async fn ctrl_c() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot listen for Ctrl-C");
        pending::<()>().await;
    }
}

#[cfg(unix)]
async fn sigterm() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(error) => {
            tracing::error!(%error, "cannot listen for SIGTERM");
            pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
async fn sigterm() {
    pending::<()>().await;
}
