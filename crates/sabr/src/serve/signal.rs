use std::future::pending;

/// SIGTERM or Ctrl-C. Each call waits for one that comes after it: the handlers are installed by
/// the call, not by the first poll, so that a signal in between is not missed, nor deadly.
///
/// Where a handler cannot be installed that signal keeps its default action, and is not waited for.
#[cfg(unix)]
pub(super) fn terminated() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::SignalKind;

    let interrupt = listen("Ctrl-C", SignalKind::interrupt());
    let terminate = listen("SIGTERM", SignalKind::terminate());
    async {
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

#[cfg(unix)]
fn listen(
    name: &str,
    kind: tokio::signal::unix::SignalKind,
) -> impl Future<Output = ()> + Send + 'static {
    let signal = tokio::signal::unix::signal(kind)
        .inspect_err(|error| tracing::error!(%error, "cannot listen for {name}"));
    async {
        match signal {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => pending().await,
        }
    }
}

/// Ctrl-C; the handler is installed by the first poll.
#[cfg(not(unix))]
pub(super) async fn terminated() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot listen for Ctrl-C");
        pending::<()>().await;
    }
}
