use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use super::without_layer::shared_of;
use crate::backlog::Outcome;
use crate::pool::Overloaded;
use crate::request::{Scope, SideTask};
use crate::until_stopped::UntilStopped;
use crate::{panic, problem, tasks};

/// Runs `handler` to its end even when the client disconnects. For writes.
///
/// axum drops the handler of a client that disconnects, at whichever await it is. That is right for
/// reads, because nobody wants their answers any more. It is wrong for a handler that has charged a
/// card and has not recorded it yet. In `finish` the handler goes on, and its background tasks run
/// by the status of its response. Only shutdown stops it, after the grace period.
/// [`ClientGone`](crate::ClientGone) tells a handler that its client has disconnected.
///
/// It finishes the handler, not the body. A streamed body is still dropped when its client
/// disconnects.
///
/// ```
/// use axum::{Router, routing::post};
/// use sabr::finish;
///
/// async fn pay() -> &'static str {
///     // charge the card
///     // write it down
///     "paid"
/// }
///
/// let app: Router = Router::new().route("/payments", post(finish(pay)));
/// ```
///
/// A plain `fn` goes into [`sync`](crate::sync) first: `finish(sync(f))`.
pub fn finish<H, T, S>(handler: H) -> Finish<H, T, S>
where
    H: AnyHandler<T, S>,
{
    Finish {
        handler,
        _types: PhantomData,
    }
}

/// A handler of axum. The compile error for a plain `fn` says what to do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "not an `async fn` of extractors",
    note = "a plain `fn` goes into `sync` first: `finish(sync(f))`",
    note = "every argument is an extractor (`FromRequestParts`), and the last may take the body (`FromRequest`); \
            it returns `IntoResponse`"
)]
pub trait AnyHandler<T, S>: Handler<T, S> {}

#[diagnostic::do_not_recommend]
impl<H: Handler<T, S>, T, S> AnyHandler<T, S> for H {}

/// A handler that runs to its end. From [`finish`].
pub struct Finish<H, T, S> {
    handler: H,
    _types: PhantomData<fn(T, S)>,
}

impl<H: Clone, T, S> Clone for Finish<H, T, S> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            _types: PhantomData,
        }
    }
}

impl<H, T, S> Handler<T, S> for Finish<H, T, S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Send + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        Box::pin(async move {
            let scope = request.extensions().get::<Arc<Scope>>().cloned();
            let shared = shared_of(scope.as_ref());
            let unfinished = Unfinished::begin(scope.clone());
            let (sender, receiver) = oneshot::channel();
            let work = AssertUnwindSafe(self.handler.call(request, state)).catch_unwind();
            let work = async move {
                let response = work.await.unwrap_or_else(|payload| {
                    let message = panic::message(&*payload);
                    tracing::error!(message, "handler panicked");
                    problem::panicked()
                });
                // If the client has disconnected, dropping the response ends the request.
                let _ = sender.send(unfinished.into_finished(response));
            };
            let work = SideTask::new(scope, work.instrument(Span::current()));
            let work = UntilStopped::new(Arc::clone(&shared), work);
            shared.spawn(shared.finishing.track_future(work));
            match receiver.await {
                Ok(finished) => finished.take(),
                Err(_) => Overloaded::closed(shared.config.retry_after).into_response(),
            }
        })
    }
}

impl<H, T, S> fmt::Debug for Finish<H, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finish").finish_non_exhaustive()
    }
}

/// Ends the request when it is dropped: when shutdown has stopped the handler, or when the client
/// had disconnected before the handler ended.
struct Unfinished {
    scope: Option<Arc<Scope>>,
    outcome: Outcome,
}

impl Unfinished {
    fn begin(scope: Option<Arc<Scope>>) -> Self {
        if let Some(scope) = &scope {
            scope.begin_finishing();
        }
        let outcome = Outcome::Broken;
        Self { scope, outcome }
    }

    fn into_finished(mut self, response: Response) -> Finished {
        self.outcome = Outcome::Responded(response.status());
        Finished {
            response,
            unfinished: self,
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(scope) = self.scope.take() {
            tasks::end_request(&scope, self.outcome);
        }
    }
}

/// A response for the client, if it is still connected.
struct Finished {
    response: Response,
    unfinished: Unfinished,
}

impl Finished {
    fn take(mut self) -> Response {
        if let Some(scope) = self.unfinished.scope.take() {
            scope.stop_finishing();
        }
        self.response
    }
}
