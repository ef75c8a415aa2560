use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;

use super::ResponseBody;
use super::pieces::{NoRoom, Pieces};
use crate::pool::Overloaded;
use crate::request::{self, Scope};
use crate::{panic, problem, tasks};

pin_project! {
    /// The future of [`SabrService`](super::SabrService).
    ///
    /// A panic of the handler becomes a 500, so that it closes no connection. If the future is
    /// dropped before it is ready, the client has disconnected: the request's
    /// [`ClientGone`](crate::ClientGone) says so, and its task list ends.
    pub struct ResponseFuture<F> {
        // None if the app was not ready.
        #[pin]
        inner: Option<F>,
        // None once it has answered, and if an outer layer follows the request.
        scope: Option<Arc<Scope>>,
        polled: bool,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(scope) = this.project().scope.take() {
                tasks::client_disconnected(&scope);
            }
        }
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, scope: Arc<Scope>) -> Self {
        Self::of(Some(inner), Some(scope))
    }

    pub(super) fn not_ready(scope: Arc<Scope>) -> Self {
        Self::of(None, Some(scope))
    }

    pub(super) fn inside_another(inner: F) -> Self {
        Self::of(Some(inner), None)
    }

    fn of(inner: Option<F>, scope: Option<Arc<Scope>>) -> Self {
        let polled = false;
        Self {
            inner,
            scope,
            polled,
        }
    }
}

impl<F> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = match (this.inner.as_pin_mut(), this.scope.as_ref()) {
            (Some(inner), Some(scope)) => {
                let first = !std::mem::replace(this.polled, true);
                ready!(poll_inside(inner, scope, first, cx))
            }
            (Some(inner), None) => {
                let Ok(response) = ready!(inner.poll(cx));
                response
            }
            (None, scope) => not_ready(scope),
        };
        let scope = this.scope.take();
        let pieces = scope.as_ref().and_then(|scope| cut(scope, &mut response));
        let (mut head, body) = response.into_parts();
        if let Some(scope) = &scope {
            scope.answer_begins(&mut head.headers);
        }
        let body = ResponseBody::new(&head, body, scope, pieces);
        Poll::Ready(Ok(Response::from_parts(head, body)))
    }
}

/// A panic is logged, and answered with 500.
fn poll_inside<F>(
    inner: Pin<&mut F>,
    scope: &Arc<Scope>,
    first: bool,
    cx: &mut Context<'_>,
) -> Poll<Response>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    let poll = AssertUnwindSafe(|| request::poll_head(scope, first, cx, |cx| inner.poll(cx)));
    match catch_unwind(poll) {
        Ok(poll) => poll.map(|Ok(response)| response),
        Err(payload) => {
            let message = panic::message(&*payload);
            tracing::error!(request = %scope, message, "handler panicked");
            scope.meter().panicked();
            Poll::Ready(problem::panicked())
        }
    }
}

/// Decides how the answer is cut into pieces. It is not cut if the connection is not one of ours. A
/// large answer without room in the budget becomes a 503. Why not for unsafe methods: the client
/// must learn that its change was made.
fn cut(scope: &Scope, response: &mut Response) -> Option<Pieces> {
    if !scope.is_served_by_us() {
        return None;
    }
    let budget = &scope.shared().response_budget;
    match Pieces::of(response.body(), budget, scope.method().is_safe()) {
        Ok(pieces) => pieces,
        Err(NoRoom) => {
            *response = Overloaded::memory(scope.shared().config.retry_after).into_response();
            None
        }
    }
}

fn not_ready(scope: Option<&Arc<Scope>>) -> Response {
    let after = scope.map(|scope| scope.shared().config.retry_after);
    Overloaded::app(after.unwrap_or_default()).into_response()
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
