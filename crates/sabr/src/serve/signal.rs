use std::future::pending;

/// Waits for the next SIGTERM or Ctrl-C after this call.
///
/// The call itself installs the handlers, not the first poll. Otherwise a signal between the two
/// would be missed, or would kill the process.
///
/// If the handler of a signal cannot be installed, the signal keeps its default action and is not
/// awaited.
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

/// Waits for Ctrl-C. The first poll installs the handler.
#[cfg(not(unix))]
pub(super) async fn terminated() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot listen for Ctrl-C");
        pending::<()>().await;
    }
}
