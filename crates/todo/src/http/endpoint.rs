//! How endpoints run: an `async fn` if the handler waits for something, [`sync`] if it does not,
//! and [`finish`] if the handler must complete even when its client disconnects.
//!
//! These wrap Sabr's functions of the same names. Why: aide describes a function by its type, which
//! Sabr's wrappers hide. [`Described`] keeps that type.

use std::marker::PhantomData;

use aide::operation::{OperationHandler, OperationInput, OperationOutput};
use axum::extract::Request;
use axum::handler::Handler;
use sabr::endpoint::{Finish, SyncEndpoint, SyncHandler};

/// An endpoint of Sabr, with the type of the function inside it for aide.
pub(super) struct Described<E, F> {
    endpoint: E,
    function: PhantomData<fn() -> F>,
}

/// Runs an `async fn` to its end, even when the client disconnects. For writes, which would
/// otherwise be dropped at some await point.
pub(super) fn finish<F, T, S>(function: F) -> Described<Finish<F, T, S>, F>
where
    F: Handler<T, S>,
{
    Described {
        endpoint: sabr::finish(function),
        function: PhantomData,
    }
}

/// Runs a plain `fn`. Sabr decides whether it runs on the event loop or on the endpoint pool.
pub(super) fn sync<F, T, S>(function: F) -> Described<SyncEndpoint<F, T, S>, Plain<F>>
where
    F: SyncHandler<T, S>,
{
    Described {
        endpoint: sabr::sync(function),
        function: PhantomData,
    }
}

impl<E, F, T, S> Handler<T, S> for Described<E, F>
where
    E: Handler<T, S>,
    F: 'static,
{
    type Future = E::Future;

    fn call(self, request: Request, state: S) -> E::Future {
        self.endpoint.call(request, state)
    }
}

impl<E: Clone, F> Clone for Described<E, F> {
    fn clone(&self) -> Self {
        Self {
            endpoint: self.endpoint.clone(),
            function: PhantomData,
        }
    }
}

impl<E, F, I, O> OperationHandler<I, O> for Described<E, F>
where
    F: OperationHandler<I, O>,
    I: OperationInput,
    O: OperationOutput,
{
}

/// The type of a plain `fn`. aide itself only describes async functions.
pub(super) struct Plain<F>(PhantomData<F>);

impl<F, O> OperationHandler<(), O> for Plain<F>
where
    F: Fn() -> O,
    O: OperationOutput,
{
}

impl<F, A, O> OperationHandler<(A,), O> for Plain<F>
where
    F: Fn(A) -> O,
    A: OperationInput,
    O: OperationOutput,
{
}

impl<F, A, B, O> OperationHandler<(A, B), O> for Plain<F>
where
    F: Fn(A, B) -> O,
    A: OperationInput,
    B: OperationInput,
    O: OperationOutput,
{
}
