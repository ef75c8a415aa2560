use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use tokio::net::TcpListener;
use tower_service::Service;

use crate::builder::Config;
use crate::endpoint::run_on;
use crate::ledger::Ledger;
use crate::serve::{self, Serve, ShutdownReport};
use crate::shared::Shared;
use crate::{
    Builder, EndpointStats, Overloaded, PoolKind, PoolStats, SabrLayer, TaskId, TaskState,
    TaskStats,
};

/// The pools, the background tasks and the lifecycle of one service. Cheap to clone: clones are the same.
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
    /// The settings, at their defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(config: Config) -> Self {
        let shared = Arc::new(Shared::new(config));
        Self { shared }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The layer for a router that is not served by [`serve`](Self::serve), as in tests.
    #[must_use]
    pub fn layer(&self) -> SabrLayer {
        SabrLayer::new(Arc::clone(&self.shared))
    }

    /// Serves `app` on `listener` until a signal, and then ends in order. See [`serve`](crate::serve).
    pub fn serve<A>(&self, listener: TcpListener, app: A) -> Serve<A>
    where
        A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
        A::Future: Send,
    {
        Serve::new(Arc::clone(&self.shared), listener, app)
    }

    /// Drains the background tasks within the grace period, cancels what is left, and reports.
    ///
    /// For those who run their own accept loop: call it once that has ended. [`serve`](Self::serve) does
    /// it by itself. Tasks added later are refused.
    pub async fn shut_down(&self) -> ShutdownReport {
        serve::shut_down(&self.shared).await
    }

    /// Ready once shutdown has begun: for responses that would not end by themselves, such as a stream of events.
    /// One that ends then does not use up the grace period, and its client can come back to the next server.
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

    /// The state of a background task, as [`BackgroundTasks::state`](crate::BackgroundTasks::state).
    #[must_use]
    pub fn task_state(&self, id: TaskId) -> Option<TaskState> {
        self.shared.registry.state(id)
    }

    /// How many background tasks are in which state.
    #[must_use]
    pub fn task_stats(&self) -> TaskStats {
        self.shared.registry.stats()
    }

    /// Waits until no background task is queued or running: for tests.
    pub async fn tasks_idle(&self) {
        self.shared.registry.idle().await;
    }

    /// What was measured of the requests.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::new(Arc::clone(&self.shared))
    }

    /// The sync endpoints that have been called through this `Sabr`: where each runs now, and why.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointStats> {
        self.shared.endpoints()
    }

    /// What one pool is doing, and what it has done.
    #[must_use]
    pub fn pool(&self, kind: PoolKind) -> PoolStats {
        self.shared.pools.get(kind).stats()
    }
}

impl Default for Sabr {
    /// All settings at their defaults.
    fn default() -> Self {
        Self::builder().build()
    }
}
