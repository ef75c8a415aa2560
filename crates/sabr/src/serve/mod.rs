//! Accepts connections, serves them, and shuts down in order.
#![doc = include_str!("../../docs/serve.md")]

mod connection;
mod disconnect;
mod linger;
mod listener;
mod open;
mod shutdown;
mod signal;
mod streams;
mod transport;

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::serve::Listener;
use tower_service::Service;

pub use crate::report::{ShutdownReport, Work, WorkList};

pub(crate) use self::shutdown::shut_down;

use self::listener::Connections;
use self::open::OpenConnections;
use self::signal::terminated;
use crate::layer::SabrLayer;
use crate::request::ReportRoute;
use crate::shared::Shared;

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A server. It runs when it is awaited. From [`Sabr::serve`](crate::Sabr::serve).
#[must_use = "a server does nothing unless awaited"]
pub struct Serve<A> {
    shared: Arc<Shared>,
    connections: Connections,
    app: A,
    /// None for SIGTERM and Ctrl-C.
    shutdown: Option<Signal>,
    /// None for the next of them.
    second: Option<Signal>,
}

impl<A> Serve<A> {
    pub(crate) fn new<L>(shared: Arc<Shared>, listener: L, app: A) -> Self
    where
        L: Listener,
        L::Addr: fmt::Debug + 'static,
    {
        Self {
            shared,
            connections: Connections::new(listener),
            app,
            shutdown: None,
            second: None,
        }
    }

    /// Begins shutdown when `signal` is ready, instead of at SIGTERM or Ctrl-C.
    pub fn with_shutdown(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown = Some(Box::pin(signal));
        self
    }

    /// Ends shutdown at once when `signal` is ready, instead of at the second SIGTERM or Ctrl-C. It
    /// is polled only after shutdown has begun.
    pub fn with_second_signal(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.second = Some(Box::pin(signal));
        self
    }
}

impl<A> IntoFuture for Serve<A>
where
    A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    A::Future: Send,
{
    /// The report, which has also been logged. The only error is a listener without an address.
    type Output = io::Result<ShutdownReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    /// Installs the handlers of SIGTERM and Ctrl-C in this call, unless
    /// [`with_shutdown`](Serve::with_shutdown) replaced them. So a program that calls it before
    /// it reports that it is ready misses no signal.
    fn into_future(mut self) -> Self::IntoFuture {
        let shutdown = self.shutdown.unwrap_or_else(|| Box::pin(terminated()));
        Box::pin(async move {
            let address = self.connections.address()?;
            tracing::info!(%address, "listening");
            let open = accept_until(shutdown, &self.shared, self.connections, self.app).await;
            // Why before the log says that shutdown has begun: the next signal may follow at once.
            let second = self.second.unwrap_or_else(|| Box::pin(terminated()));
            Ok(shutdown::run(&self.shared, open, second).await)
        })
    }
}

/// Accepts and serves connections until `shutdown`. Returns the connections that are still open.
async fn accept_until<A>(
    mut shutdown: Signal,
    shared: &Arc<Shared>,
    mut connections: Connections,
    app: A,
) -> OpenConnections
where
    A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    A::Future: Send,
{
    let app = with_routes_reported(shared, app);
    let app = tower_layer::Layer::layer(&SabrLayer::new(Arc::clone(shared)), app);
    let mut open = OpenConnections::new(shared.config.idle_timeout);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => return open,
            () = open.one_closed() => {}
            accepted = connections.next(), if open.len() < shared.config.max_connections => {
                open.serve(accepted, app.clone());
            }
        }
    }
}

/// Adds the layer that reports routes to the ledger, if the app is a router. Any other app can put
/// [`Sabr::layer`](crate::Sabr::layer) around the router inside it.
fn with_routes_reported<A: 'static>(shared: &Arc<Shared>, mut app: A) -> A {
    if let Some(router) = (&mut app as &mut dyn Any).downcast_mut::<Router>() {
        let reported = std::mem::take(router).layer(ReportRoute(Arc::clone(shared)));
        // Why: without this call, axum would build the routes for each request.
        *router = reported.with_state(());
    }
    app
}

impl<A> fmt::Debug for Serve<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
