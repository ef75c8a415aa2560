use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::response::Response;
use pin_project_lite::pin_project;

use super::{ResponseBody, Scope};
use crate::{context, panic, problem};

pin_project! {
    /// The future of [`SabrService`](super::SabrService).
    ///
    /// A panic of the handler becomes a 500 here, so that it closes no connection. Dropped before it is
    /// ready, it tells the request's [`ClientGone`](crate::ClientGone) tokens and ends its task list.
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // None once answered, and where another layer outside follows the request.
        scope: Option<Arc<Scope>>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(scope) = this.project().scope.take() {
                scope.client_left();
            }
        }
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, scope: Arc<Scope>) -> Self {
        let scope = Some(scope);
        Self { inner, scope }
    }

    pub(super) fn inside_another(inner: F) -> Self {
        Self { inner, scope: None }
    }
}

impl<F> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(scope) = this.scope.as_ref() else {
            let Ok(response) = ready!(this.inner.poll(cx));
            let status = response.status();
            return Poll::Ready(Ok(
                response.map(|body| ResponseBody::new(body, status, None))
            ));
        };
        let poll = AssertUnwindSafe(|| context::enter(scope, || this.inner.poll(cx)));
        let response = match catch_unwind(poll) {
            Ok(poll) => {
                let Ok(response) = ready!(poll);
                response
            }
            Err(payload) => {
                let message = panic::message(&*payload);
                tracing::error!(request = %scope, message, "handler panicked");
                problem::panicked()
            }
        };
        let status = response.status();
        let scope = this.scope.take();
        Poll::Ready(Ok(
            response.map(|body| ResponseBody::new(body, status, scope))
        ))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
