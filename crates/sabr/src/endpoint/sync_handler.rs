use std::future::{Future, ready};

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};

/// A plain function that [`sync`](crate::sync) turns into an endpoint.
///
/// It is implemented for functions and closures of up to 16 extractors, and cannot be implemented
/// for other types. `T` stands for the types of the arguments, and `S` for the state of the router.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a sync endpoint",
    label = "not a plain function of extractors",
    note = "an `async fn` needs no `sync`: write `get(handler)`",
    note = "every argument is an extractor (`FromRequestParts`), and the last may take the body (`FromRequest`); \
            at most 16",
    note = "it returns `IntoResponse`, and is `Clone + Send + Sync + 'static`"
)]
pub trait SyncHandler<T, S>: Sealed<T, S> + Clone + Send + Sync + 'static {
    /// The extracted arguments.
    type Args: Send + 'static;

    /// Extracts the arguments, on the event loop. `Err` is the first rejection.
    fn extract(
        request: Request,
        state: S,
    ) -> impl Future<Output = Result<Self::Args, Response>> + Send;

    /// Calls the function and makes its result a response, wherever the endpoint runs.
    fn call_with(self, args: Self::Args) -> Response;
}

/// Prevents implementations outside of this crate, so that methods can be added.
pub trait Sealed<T, S> {}

#[diagnostic::do_not_recommend]
impl<F, R, S> Sealed<((),), S> for F
where
    F: FnOnce() -> R + Clone + Send + Sync + 'static,
    R: IntoResponse,
{
}

#[diagnostic::do_not_recommend]
impl<F, R, S> SyncHandler<((),), S> for F
where
    F: FnOnce() -> R + Clone + Send + Sync + 'static,
    R: IntoResponse,
{
    type Args = ();

    fn extract(_: Request, _: S) -> impl Future<Output = Result<(), Response>> + Send {
        ready(Ok(()))
    }

    fn call_with(self, (): ()) -> Response {
        self().into_response()
    }
}

macro_rules! impl_sync_handler {
    ([$($ty:ident),*], $last:ident) => {
        #[diagnostic::do_not_recommend]
        impl<F, R, S, M, $($ty,)* $last> Sealed<(M, $($ty,)* $last,), S> for F
        where
            F: FnOnce($($ty,)* $last) -> R + Clone + Send + Sync + 'static,
            R: IntoResponse,
            S: Send + Sync,
            $($ty: FromRequestParts<S> + Send + 'static,)*
            $last: FromRequest<S, M> + Send + 'static,
        {
        }

        #[diagnostic::do_not_recommend]
        #[allow(non_snake_case, reason = "a type names its argument too")]
        impl<F, R, S, M, $($ty,)* $last> SyncHandler<(M, $($ty,)* $last,), S> for F
        where
            F: FnOnce($($ty,)* $last) -> R + Clone + Send + Sync + 'static,
            R: IntoResponse,
            S: Send + Sync,
            $($ty: FromRequestParts<S> + Send + 'static,)*
            $last: FromRequest<S, M> + Send + 'static,
        {
            type Args = ($($ty,)* $last,);

            #[allow(unused_mut, reason = "with one argument nothing is taken from the parts")]
            async fn extract(request: Request, state: S) -> Result<Self::Args, Response> {
                let (mut parts, body) = request.into_parts();
                $(
                    let $ty = $ty::from_request_parts(&mut parts, &state)
                        .await
                        .map_err(IntoResponse::into_response)?;
                )*
                let request = Request::from_parts(parts, body);
                let $last = $last::from_request(request, &state)
                    .await
                    .map_err(IntoResponse::into_response)?;
                Ok(($($ty,)* $last,))
            }

            fn call_with(self, ($($ty,)* $last,): Self::Args) -> Response {
                self($($ty,)* $last).into_response()
            }
        }
    };
}

/// One implementation for each length, from one type to all of those given.
macro_rules! for_each_length {
    ([$($before:ident),*]) => {};
    ([$($before:ident),*] $next:ident $($after:ident)*) => {
        impl_sync_handler!([$($before),*], $next);
        for_each_length!([$($before,)* $next] $($after)*);
    };
}

for_each_length!([] T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16);
