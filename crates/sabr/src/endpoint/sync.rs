use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;

use super::heavy::ours;
use super::placement::{Called, Place, Placement};
use super::sync_handler::SyncHandler;
use crate::layer::Scope;
use crate::tasks::name_of;

/// Makes an endpoint of a plain `fn`, and runs each call where it belongs.
///
/// The function takes up to 16 extractors, of which the last may take the body, and returns any
/// `IntoResponse`. It starts on the endpoint pool; once it is measured to be short it runs in place, without
/// a hop to a thread, until a call is slow. See the [module](crate::endpoint).
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
/// An `async fn` is refused, since `get` takes it as it is:
///
/// ```compile_fail,E0277
/// async fn waits() -> &'static str { "" }
/// let _: axum::Router = axum::Router::new().route("/", axum::routing::get(sabr::sync(waits)));
/// ```
///
/// So is an argument that is no extractor:
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

/// A plain `fn` as an axum handler; from [`sync`].
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

    /// Keeps it on the pool, however short it is.
    ///
    /// For a function that must not run on the event loop even once: one that may block at any time, or
    /// that blocks on a future, which panics inside a runtime.
    #[must_use]
    pub fn pooled(self) -> Self {
        Self::new(self.f, Some(Place::Pool))
    }

    /// Keeps it on the event loop, however long it takes. While it runs, nothing else runs on its worker.
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
            let shared = scope.map_or_else(ours, |scope| Arc::clone(scope.shared()));
            if let Some(endpoint) = scope.and_then(|scope| scope.meter().endpoint()) {
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
            match self.placement.call(&shared, move || f.call_with(args)) {
                Called::Answered(response) => response,
                Called::OnPool(ticket) => self.placement.answer(ticket.await),
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
