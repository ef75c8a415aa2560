use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};

use super::sync_handler::SyncHandler;
use crate::backlog::name_of;
use crate::placement::{Called, Place, Placement};
use crate::pool::PoolKind;
use crate::problem::MissingLayer;
use crate::request::{self, Scope};

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
            let Some(scope) = scope else {
                return MissingLayer.into_response();
            };
            let shared = Arc::clone(scope.shared());
            if let Some(endpoint) = scope.meter().endpoint() {
                endpoint.set_sync(|| {
                    let placement = Arc::clone(&self.placement);
                    move || placement.place()
                });
            }
            let args = match F::extract(request, state).await {
                Ok(args) => args,
                Err(rejection) => return rejection,
            };
            let f = self.f;
            self.placement.list_once(|it| shared.list_endpoint(it));
            let called = self
                .placement
                .call(&shared.config.clock, move || f.call_with(args));
            match called {
                Called::Answered(response) => response,
                Called::ForPool(call) => {
                    let pool = shared.pools.get(PoolKind::Endpoint);
                    match request::submit(pool, move || call.run()) {
                        Ok(ticket) => self.placement.answer(ticket.await),
                        Err(overloaded) => overloaded.into_response(),
                    }
                }
            }
        })
    }
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
