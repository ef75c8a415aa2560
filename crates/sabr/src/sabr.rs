use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use axum::serve::Listener;
use tower_service::Service;

use crate::config::Config;
use crate::endpoint::run_on;
use crate::layer::SabrLayer;
use crate::ledger::Ledger;
use crate::placement::EndpointStats;
use crate::pool::{Overloaded, PoolKind, PoolStats};
use crate::serve::{self, Serve, ShutdownReport};
use crate::shared::Shared;
use crate::tasks::{TaskId, TaskState, TaskStats};

/// The pools, the background tasks, the ledger and the lifecycle of one service. Cheap to clone.
/// Clones share everything.
///
/// ```
/// use axum::{Router, routing::get};
/// use sabr::Sabr;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sabr = Sabr::builder().build();
/// let app: Router = Router::new().route("/", get(|| async { "Hello" }));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
///
/// // A service would wait for SIGTERM or Ctrl-C, the default.
/// let report = sabr.serve(listener, app).with_shutdown(async {}).await?;
/// assert!(report.is_clean());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Sabr {
    shared: Arc<Shared>,
}

impl Sabr {
    pub(crate) fn new(config: Config) -> Self {
        let shared = Arc::new(Shared::new(config));
        Self { shared }
    }

    /// The layer for a router that [`serve`](Self::serve) does not serve, as in tests.
    #[must_use]
    pub fn layer(&self) -> SabrLayer {
        SabrLayer::new(Arc::clone(&self.shared))
    }

    /// Serves `app` on `listener` until a signal, and then shuts down in order. See
    /// [`serve`](crate::serve).
    ///
    /// The listener is a tokio `TcpListener` or any other that axum accepts, such as a Unix socket
    /// or one that speaks TLS.
    pub fn serve<A, L>(&self, listener: L, app: A) -> Serve<A>
    where
        L: Listener,
        L::Addr: fmt::Debug + 'static,
        A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
        A::Future: Send,
    {
        Serve::new(Arc::clone(&self.shared), listener, app)
    }

    /// Waits for the background tasks within the grace period, cancels the rest, and reports.
    ///
    /// For programs with their own accept loop: call it once when the loop has ended.
    /// [`serve`](Self::serve) does it by itself. Tasks that are added later are refused.
    pub async fn shut_down(&self) -> ShutdownReport {
        serve::shut_down(&self.shared).await
    }

    /// Ready when shutdown begins. For responses that do not end by themselves, such as a stream of
    /// events: a stream that ends then does not use up the grace period, and its client can
    /// reconnect to the next server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let sabr = sabr::Sabr::default();
    /// let draining = sabr.draining();
    /// sabr.shut_down().await;
    /// draining.await;
    /// # }
    /// ```
    pub fn draining(&self) -> impl Future<Output = ()> + Send + use<> {
        self.shared.drain.clone().cancelled_owned()
    }

    /// [`compute`](crate::compute) on the pool of this `Sabr`, from anywhere.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when the queue of the pool is full.
    pub async fn compute<F, T>(&self, f: F) -> Result<T, Overloaded>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        run_on(PoolKind::Compute, &self.shared, f).await
    }

    /// [`blocking`](crate::blocking) on the pool of this `Sabr`, from anywhere.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when the queue of the pool is full.
    pub async fn blocking<F, T>(&self, f: F) -> Result<T, Overloaded>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        run_on(PoolKind::Blocking, &self.shared, f).await
    }

    /// The state of a background task, as
    /// [`BackgroundTasks::state`](crate::BackgroundTasks::state).
    #[must_use]
    pub fn task_state(&self, id: TaskId) -> Option<TaskState> {
        self.shared.registry.state(id)
    }

    /// The number of background tasks by state.
    #[must_use]
    pub fn task_stats(&self) -> TaskStats {
        self.shared.registry.stats()
    }

    /// Waits until no background task is queued or running. For tests.
    pub async fn tasks_idle(&self) {
        self.shared.registry.idle().await;
    }

    /// The wait ledger.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::new(Arc::clone(&self.shared))
    }

    /// The sync endpoints that have been called through this `Sabr`, with the place where each runs
    /// now.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointStats> {
        self.shared.endpoints()
    }

    /// The state of one pool.
    #[must_use]
    pub fn pool(&self, kind: PoolKind) -> PoolStats {
        self.shared.pools.get(kind).stats()
    }
}

impl Default for Sabr {
    /// All settings at their defaults.
    fn default() -> Self {
        Self::new(Config::default())
    }
}
