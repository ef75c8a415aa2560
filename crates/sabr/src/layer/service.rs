use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use tower_layer::Layer;
use tower_service::Service;

use super::{ResponseBody, ResponseFuture, Scope};
use crate::serve::Progress;
use crate::shared::Shared;

/// Makes [`BackgroundTasks`](crate::BackgroundTasks) and the pools work for the routes inside it.
///
/// From [`Sabr::layer`](crate::Sabr::layer). [`Sabr::serve`](crate::Sabr::serve) puts the same layer around
/// the whole app; where both are, the outer one counts and the inner one does nothing.
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
        SabrService { inner, shared }
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
            return ResponseFuture::inside_another(self.inner.call(request));
        }
        self.follow(request, None)
    }
}

impl<S: Service<Request>> SabrService<S> {
    /// Calls the inner service with a scope around the request, which came over a connection of ours, or
    /// of somebody else's.
    pub(crate) fn follow(
        &mut self,
        mut request: Request,
        connection: Option<Arc<Progress>>,
    ) -> ResponseFuture<S::Future> {
        let scope = Scope::new(Arc::clone(&self.shared), &request, connection);
        request.extensions_mut().insert(Arc::clone(&scope));
        ResponseFuture::new(self.inner.call(request), scope)
    }
}

impl<S: fmt::Debug> fmt::Debug for SabrService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SabrService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
