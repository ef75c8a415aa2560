//! Tells a request's account which route it matched.
//!
//! axum knows the route only inside of its router, and Sabr follows a request from outside of it. So a layer
//! on each route tells.

use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, Request};
use sabr_ledger::Endpoint;
use tower_layer::Layer;
use tower_service::Service;

use super::method::name_of;
use super::poll::sharpen;
use crate::layer::Scope;
use crate::shared::Shared;

/// Tells the route of requests, and remembers the endpoint of the first. There is a teller for each method of
/// each route, so the others are nearly always for the same.
#[derive(Clone, Debug)]
pub(crate) struct RouteTeller {
    shared: Arc<Shared>,
    first: Arc<OnceLock<Arc<Endpoint>>>,
}

impl RouteTeller {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let first = Arc::default();
        Self { shared, first }
    }

    /// Nothing is told of a request that another service follows, or that has matched no route.
    pub(crate) fn tell(&self, request: &Request) {
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
            scope.meter().set_endpoint(first, || sharpen(scope));
        } else {
            scope.meter().set_endpoint(&look_up(), || sharpen(scope));
        }
        scope.poll_is_known();
    }
}

/// The layer for the routes of an app that is followed from outside.
#[derive(Clone, Debug)]
pub(crate) struct TellRoute(pub(crate) Arc<Shared>);

impl<S> Layer<S> for TellRoute {
    type Service = TellsRoute<S>;

    fn layer(&self, inner: S) -> TellsRoute<S> {
        let teller = RouteTeller::new(Arc::clone(&self.0));
        TellsRoute { inner, teller }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct TellsRoute<S> {
    inner: S,
    teller: RouteTeller,
}

impl<S: Service<Request>> Service<Request> for TellsRoute<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.teller.tell(&request);
        self.inner.call(request)
    }
}
