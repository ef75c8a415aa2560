use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::extract::Request;
use axum::response::Response;
use tower_layer::Layer;
use tower_service::Service;

use super::{ResponseBody, ResponseFuture};
use crate::request::{self, Progress, RouteReporter, Scope};
use crate::shared::Shared;

/// The layer that makes [`BackgroundTasks`](crate::BackgroundTasks), the pools and the ledger work
/// for the routes inside it.
///
/// From [`Sabr::layer`](crate::Sabr::layer). [`Sabr::serve`](crate::Sabr::serve) puts the same
/// layer around the whole app. If there are two, the outer one counts and the inner one does
/// nothing.
#[derive(Clone)]
pub struct SabrLayer {
    shared: Arc<Shared>,
}

impl SabrLayer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl<S> Layer<S> for SabrLayer {
    type Service = SabrService<S>;

    fn layer(&self, inner: S) -> SabrService<S> {
        let shared = Arc::clone(&self.shared);
        let reporter = RouteReporter::new(Arc::clone(&shared));
        SabrService {
            inner,
            shared,
            reporter,
        }
    }
}

impl fmt::Debug for SabrLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SabrLayer").finish_non_exhaustive()
    }
}

/// The service of [`SabrLayer`].
#[derive(Clone)]
pub struct SabrService<S> {
    inner: S,
    shared: Arc<Shared>,
    reporter: RouteReporter,
}

impl<S> Service<Request> for SabrService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.extensions().get::<Arc<Scope>>().is_some() {
            self.reporter.report(&request);
            return ResponseFuture::inside_another(self.inner.call(request));
        }
        let (scope, request) = request::begin(&self.shared, request, None);
        self.reporter.report(&request);
        ResponseFuture::new(self.inner.call(request), scope)
    }
}

impl<S: Service<Request, Error = Infallible> + Clone> SabrService<S> {
    /// Calls a clone of the inner service with a request of one of our connections.
    ///
    /// A service that is not ready at once is not waited for, and the answer is 503. axum's routers
    /// are always ready.
    pub(crate) fn follow(
        &self,
        request: Request,
        connection: Arc<Progress>,
    ) -> ResponseFuture<S::Future> {
        let (scope, request) = request::begin(&self.shared, request, Some(connection));
        let mut inner = self.inner.clone();
        match inner.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => ResponseFuture::new(inner.call(request), scope),
            Poll::Pending => ResponseFuture::not_ready(scope),
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for SabrService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SabrService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
