//! A server of an experiment, on a free port of the local machine and in its own runtime.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use sabr::{Sabr, ShutdownReport};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::LabError;

#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) sabr: Sabr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<ShutdownReport>>,
    runtime: Owned,
}

/// A runtime that can be dropped in async code. The drop does not wait for the runtime's threads.
#[derive(Debug)]
struct Owned(Option<Runtime>);

impl Server {
    /// Starts a server whose event loop has `workers` threads.
    pub(super) async fn start(
        workers: usize,
        sabr: Sabr,
        router: Router,
    ) -> Result<Self, LabError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("lab-server")
            .on_thread_start(keep_quiet)
            .enable_all()
            .build()
            .map_err(LabError::io("start a server's threads"))?;
        let runtime = Owned(Some(runtime));
        let bound = runtime
            .handle()
            .spawn(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .await
            .map_err(|_| LabError::Panicked)?;
        let listener = bound.map_err(LabError::io("listen on a free port"))?;
        let address = listener
            .local_addr()
            .map_err(LabError::io("listen on a free port"))?;
        let (stop, stopped) = oneshot::channel();
        let serve = sabr.serve(listener, router).with_shutdown(async {
            // The result does not matter: a dropped sender also stops the server.
            let _ = stopped.await;
        });
        let served = runtime.handle().spawn(async { serve.await });
        Ok(Self {
            address,
            sabr,
            stop,
            served,
            runtime,
        })
    }

    /// Finishes the open requests, and stops the server.
    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.served.await;
        drop(self.runtime);
    }
}

impl Owned {
    fn handle(&self) -> &Handle {
        self.0
            .as_ref()
            .map_or_else(|| unreachable!("taken only by drop"), Runtime::handle)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A slow API: it answers `GET /` after `delay`.
pub(super) async fn slow(delay: Duration) -> Result<Server, LabError> {
    let answer = async move || {
        tokio::time::sleep(delay).await;
        "done"
    };
    Server::start(1, Sabr::default(), Router::new().route("/", get(answer))).await
}

/// Turns the log off for this thread, until the thread ends.
fn keep_quiet() {
    let guard = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
    std::mem::forget(guard);
}
