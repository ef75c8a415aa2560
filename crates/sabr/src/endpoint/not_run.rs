use std::error::Error;
use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::pool::Overloaded;
use crate::problem::MissingLayer;

/// Why [`compute`](crate::compute) or [`blocking`](crate::blocking) did not run its closure.
///
/// A handler may return it with `?`: it is a response, and converts into a `StatusCode`.
///
/// ```
/// use http::StatusCode;
///
/// async fn sum(body: String) -> Result<String, StatusCode> {
///     let sum = sabr::compute(move || body.bytes().map(u64::from).sum::<u64>()).await?;
///     Ok(sum.to_string())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(sum));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotRun {
    /// The queue of the pool is full. The response is 503 with `Retry-After`.
    Overloaded(Overloaded),
    /// The call was not part of a request or a background task of a [`Sabr`](crate::Sabr). The
    /// response is 500.
    MissingLayer(MissingLayer),
}

impl From<Overloaded> for NotRun {
    fn from(error: Overloaded) -> Self {
        Self::Overloaded(error)
    }
}

impl From<MissingLayer> for NotRun {
    fn from(error: MissingLayer) -> Self {
        Self::MissingLayer(error)
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overloaded(error) => error.fmt(f),
            Self::MissingLayer(_) => f.write_str(
                "no request around this call: start its task with `sabr::spawn`, or call the method of your `Sabr`",
            ),
        }
    }
}

impl Error for NotRun {}

impl From<NotRun> for StatusCode {
    fn from(error: NotRun) -> Self {
        match error {
            NotRun::Overloaded(error) => error.into(),
            NotRun::MissingLayer(error) => error.into(),
        }
    }
}

impl IntoResponse for NotRun {
    fn into_response(self) -> Response {
        match self {
            Self::Overloaded(error) => error.into_response(),
            Self::MissingLayer(error) => error.into_response(),
        }
    }
}
