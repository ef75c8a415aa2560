use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};

use super::read_ahead::{ReadAhead, may_be_large};
use super::sync_handler::SyncHandler;
use super::without_layer::shared_of;
use crate::backlog::name_of;
use crate::placement::{Called, Place, Placement};
use crate::pool::PoolKind;
use crate::request::{self, Scope};
use crate::shared::Shared;

/// Turns a plain `fn` into an endpoint, and runs each call on a pool or in place.
///
/// The function takes up to 16 extractors, of which the last may take the body, and returns any
/// `IntoResponse`. Its first calls run on the endpoint pool. Once its calls are measured to be
/// short, they run in place, without a hop to a thread, until one is slow. See the
/// [module](crate::endpoint).
///
/// ```
/// use axum::{Json, Router, extract::{Path, State}, routing::get};
/// use sabr::sync;
///
/// fn add(State(base): State<u64>, Path(n): Path<u64>) -> Json<u64> {
///     Json(base + n)
/// }
///
/// let app: Router = Router::new().route("/add/{n}", get(sync(add))).with_state(1);
/// ```
///
/// An `async fn` does not compile, because `get` takes it without `sync`:
///
/// ```compile_fail,E0277
/// async fn waits() -> &'static str { "" }
/// let _: axum::Router = axum::Router::new().route("/", axum::routing::get(sabr::sync(waits)));
/// ```
///
/// Neither does an argument that is no extractor:
///
/// ```compile_fail,E0277
/// fn takes(_: std::time::Duration) {}
/// let _: axum::Router = axum::Router::new().route("/", axum::routing::get(sabr::sync(takes)));
/// ```
pub fn sync<F, T, S>(f: F) -> SyncEndpoint<F, T, S>
where
    F: SyncHandler<T, S>,
{
    SyncEndpoint::new(f, None)
}

/// A plain `fn` as an axum handler. From [`sync`].
pub struct SyncEndpoint<F, T, S> {
    f: F,
    placement: Arc<Placement>,
    _types: PhantomData<fn(T, S)>,
}

impl<F, T, S> SyncEndpoint<F, T, S> {
    fn new(f: F, pinned: Option<Place>) -> Self {
        let placement = Placement::new(name_of::<F>(), pinned);
        Self {
            f,
            placement: Arc::new(placement),
            _types: PhantomData,
        }
    }

    /// Pins it to the pool, however short its calls are.
    ///
    /// For a function that may block at any time, and for one that blocks on a future, which panics
    /// on the event loop.
    #[must_use]
    pub fn pooled(self) -> Self {
        Self::new(self.f, Some(Place::Pool))
    }

    /// Pins it to the event loop, however long its calls take. While one runs, nothing else runs on
    /// its worker.
    #[must_use]
    pub fn in_place(self) -> Self {
        Self::new(self.f, Some(Place::InPlace))
    }
}

impl<F, T, S> Handler<T, S> for SyncEndpoint<F, T, S>
where
    F: SyncHandler<T, S>,
    T: 'static,
    S: Send + Sync + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        Box::pin(async move {
            let scope = request.extensions().get::<Arc<Scope>>();
            let shared = shared_of(scope);
            if let Some(scope) = scope {
                scope.without_route_by_now();
            }
            if let Some(endpoint) = scope.and_then(|scope| scope.meter().endpoint()) {
                endpoint.set_sync(|| {
                    let placement = Arc::clone(&self.placement);
                    move || placement.place()
                });
            }
            self.placement.list_once(|it| shared.list_endpoint(it));
            self.answer(&shared, request, state)
                .await
                .unwrap_or_else(|refusal| refusal)
        })
    }
}

impl<F, T, S> SyncEndpoint<F, T, S>
where
    F: SyncHandler<T, S>,
    T: 'static,
    S: Send + Sync + 'static,
{
    /// `Err` is the rejection of an extractor.
    async fn answer(
        self,
        shared: &Arc<Shared>,
        request: Request,
        state: S,
    ) -> Result<Response, Response> {
        let (mut parts, body) = request.into_parts();
        let first = F::extract_first(&mut parts, &state).await?;
        let request = Request::from_parts(parts, body);
        if may_be_large(request.body()) && !self.placement.is_pinned_in_place() {
            return Ok(self.answer_large(shared, first, request, state).await);
        }
        let last = F::extract_last(request, state).await?;
        Ok(self.call_with(shared, first, last).await)
    }

    /// Parses the body where the function runs: on the pool, if the body is large.
    async fn answer_large(
        self,
        shared: &Arc<Shared>,
        first: F::First,
        request: Request,
        state: S,
    ) -> Response {
        let (request, body) = ReadAhead::of(request);
        let mut extracting: Extracting<F::Last> = Box::pin(F::extract_last(request, state));
        // Nothing can be parsed before the extractor polls the body.
        let mut polled = body.poll(&mut extracting);
        loop {
            match polled {
                Poll::Ready(Ok(last)) => return self.call_with(shared, first, last).await,
                Poll::Ready(Err(rejection)) => return rejection,
                Poll::Pending => body.next().await,
            }
            if !body.was_small() {
                return self.finish_on_pool(shared, first, body, extracting).await;
            }
            polled = body.poll(&mut extracting);
        }
    }

    async fn finish_on_pool(
        self,
        shared: &Arc<Shared>,
        first: F::First,
        body: ReadAhead,
        extracting: Extracting<F::Last>,
    ) -> Response {
        let pool = shared.pools.get(PoolKind::Endpoint);
        let mut work = (extracting, self.f, first);
        loop {
            let (body_there, clock) = (body.clone(), shared.config.clock.clone());
            let placement = Arc::clone(&self.placement);
            let step = move || {
                let (mut extracting, f, first) = work;
                match body_there.poll(&mut extracting) {
                    Poll::Ready(Ok(last)) => {
                        let call = move || f.call_with(first, last);
                        Step::Answered(placement.for_pool(&clock, call).run())
                    }
                    Poll::Ready(Err(rejection)) => Step::Answered(rejection),
                    Poll::Pending => Step::Waits((extracting, f, first)),
                }
            };
            let ticket = match request::submit(pool, step) {
                Ok(ticket) => ticket,
                Err(overloaded) => return overloaded.into_response(),
            };
            match ticket.await {
                Ok(Step::Answered(response)) => return response,
                Ok(Step::Waits(again)) => work = again,
                Err(panic) => return self.placement.answer(Err(panic)),
            }
            body.next().await;
        }
    }

    /// Calls the function on the pool or in place.
    async fn call_with(self, shared: &Arc<Shared>, first: F::First, last: F::Last) -> Response {
        let f = self.f;
        let called = self
            .placement
            .call(&shared.config.clock, move || f.call_with(first, last));
        match called {
            Called::Answered(response, took) => {
                request::function_ran(took);
                response
            }
            Called::ForPool(call) => {
                let pool = shared.pools.get(PoolKind::Endpoint);
                match request::submit(pool, move || call.run()) {
                    Ok(ticket) => self.placement.answer(ticket.await),
                    Err(overloaded) => overloaded.into_response(),
                }
            }
        }
    }
}

/// The future of the last extractor.
type Extracting<L> = Pin<Box<dyn Future<Output = Result<L, Response>> + Send>>;

/// The result of one run on a thread, for a request with a large body.
enum Step<W> {
    Answered(Response),
    /// The extractor waits for more of the body, or for something else.
    Waits(W),
}

impl<F: Clone, T, S> Clone for SyncEndpoint<F, T, S> {
    fn clone(&self) -> Self {
        Self {
            f: self.f.clone(),
            placement: Arc::clone(&self.placement),
            _types: PhantomData,
        }
    }
}

impl<F, T, S> fmt::Debug for SyncEndpoint<F, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncEndpoint")
            .field("placement", &self.placement)
            .finish_non_exhaustive()
    }
}
