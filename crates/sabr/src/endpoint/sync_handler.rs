use std::future::{Future, ready};

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;

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
    /// All arguments but the last.
    type First: Send + 'static;

    /// The last argument, which may have taken the body.
    type Last: Send + 'static;

    /// Extracts all arguments but the last, on the event loop. `Err` is the first rejection.
    fn extract_first(
        parts: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Self::First, Response>> + Send;

    /// Extracts the last argument. A large body is parsed on a thread.
    fn extract_last(
        request: Request,
        state: S,
    ) -> impl Future<Output = Result<Self::Last, Response>> + Send;

    /// Calls the function and makes its result a response, wherever the endpoint runs.
    fn call_with(self, first: Self::First, last: Self::Last) -> Response;
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
    type First = ();
    type Last = ();

    fn extract_first(_: &mut Parts, _: &S) -> impl Future<Output = Result<(), Response>> + Send {
        ready(Ok(()))
    }

    fn extract_last(_: Request, _: S) -> impl Future<Output = Result<(), Response>> + Send {
        ready(Ok(()))
    }

    fn call_with(self, (): (), (): ()) -> Response {
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
            type First = ($($ty,)*);
            type Last = $last;

            #[allow(unused_variables, reason = "with one argument nothing is taken from the parts")]
            async fn extract_first(parts: &mut Parts, state: &S) -> Result<Self::First, Response> {
                $(
                    let $ty = $ty::from_request_parts(parts, state)
                        .await
                        .map_err(IntoResponse::into_response)?;
                )*
                Ok(($($ty,)*))
            }

            async fn extract_last(request: Request, state: S) -> Result<$last, Response> {
                $last::from_request(request, &state)
                    .await
                    .map_err(IntoResponse::into_response)
            }

            fn call_with(self, ($($ty,)*): Self::First, $last: $last) -> Response {
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
