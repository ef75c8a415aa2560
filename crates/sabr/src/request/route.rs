//! Reports to a request's account which route it matched.
//!
//! axum knows the route only inside its router, and Sabr wraps the router from outside. So a layer
//! on each route reports it.

use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, Request};
use sabr_ledger::Endpoint;
use tower_layer::Layer;
use tower_service::Service;

use super::current;
use super::poll::measure_exactly;
use super::scope::Scope;
use crate::http_method::name_of;
use crate::shared::Shared;

/// Reports the route of requests, and caches the endpoint of the first one. There is a reporter for
/// each method of each route, so the other requests are nearly always for the same endpoint.
#[derive(Clone, Debug)]
pub(crate) struct RouteReporter {
    shared: Arc<Shared>,
    first: Arc<OnceLock<Arc<Endpoint>>>,
}

impl RouteReporter {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let first = Arc::default();
        Self { shared, first }
    }

    /// Reports the route, unless another `Sabr` follows the request or it matched no route.
    pub(crate) fn report(&self, request: &Request) {
        let Some(scope) = request.extensions().get::<Arc<Scope>>() else {
            return;
        };
        let ours = Arc::ptr_eq(scope.shared(), &self.shared);
        if !ours || scope.meter().endpoint().is_some() {
            return;
        }
        let Some(path) = request.extensions().get::<MatchedPath>() else {
            return;
        };
        let (method, route) = (name_of(request.method()), path.as_str());
        let look_up = || self.shared.book.endpoint(method, route);
        let first = self.first.get_or_init(look_up);
        if first.method() == method && **first.route() == *route {
            scope.meter().set_endpoint(first, || measure_exactly(scope));
        } else {
            scope
                .meter()
                .set_endpoint(&look_up(), || measure_exactly(scope));
        }
        rename_running_poll(scope);
    }
}

/// Gives the watchdog the name of the poll that runs on this thread, if it is one of the request.
fn rename_running_poll(scope: &Arc<Scope>) {
    if current::is_current(scope) && !scope.shared().config.clock.is_injected() {
        sabr_watchdog::rename(scope.poll_id());
    }
}

/// The layer on the routes of an app that Sabr wraps from outside.
#[derive(Clone, Debug)]
pub(crate) struct ReportRoute(pub(crate) Arc<Shared>);

impl<S> Layer<S> for ReportRoute {
    type Service = ReportsRoute<S>;

    fn layer(&self, inner: S) -> ReportsRoute<S> {
        let reporter = RouteReporter::new(Arc::clone(&self.0));
        ReportsRoute { inner, reporter }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ReportsRoute<S> {
    inner: S,
    reporter: RouteReporter,
}

impl<S: Service<Request>> Service<Request> for ReportsRoute<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.reporter.report(&request);
        self.inner.call(request)
    }
}
