use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tokio::time::{Instant, timeout_at};

use super::body::Arrival;
use crate::http::problem::{Problem, kind};

/// Answers within `bound`, even if the handler takes longer, and even if it panics.
///
/// If the handler was waiting for the body when the time was up, the response is 408, because the
/// client is at fault. Otherwise it is 503.
pub(super) async fn contain(
    bound: Duration,
    request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let deadline = Instant::now() + bound;
    let http1 = request.version() <= Version::HTTP_11;
    let arrival = Arc::new(Arrival::default());
    let answer = AssertUnwindSafe(answer(arrival.watch(request, deadline))).catch_unwind();
    match timeout_at(deadline, answer).await {
        // The handler saw the body fail, and answered as if the body were malformed.
        Ok(_) if arrival.is_late() => body_late(bound, http1).into_response(),
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => panicked(panic.as_ref()).into_response(),
        Err(_) if arrival.is_awaited() => body_late(bound, http1).into_response(),
        Err(_) => timed_out(bound).into_response(),
    }
}

/// Logs the panic, and tells the client nothing of it.
fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let panic = text.unwrap_or("a value that is no text");
    tracing::error!(panic, "handler panicked");
    Problem::new(&kind::INTERNAL, "the service failed; its log says how")
}

/// The response 408. It closes an HTTP/1 connection: the rest of the body may still arrive, so the
/// connection cannot carry another request.
fn body_late(bound: Duration, http1: bool) -> Problem {
    let detail = format!("the body did not arrive within {bound:?}; nothing was changed");
    let problem = Problem::new(&kind::REQUEST_TIMEOUT, detail);
    if http1 {
        problem.with_header(header::CONNECTION, HeaderValue::from_static("close"))
    } else {
        problem
    }
}

fn timed_out(bound: Duration) -> Problem {
    let detail = format!("no answer was ready within {bound:?}");
    Problem::new(&kind::TIMEOUT, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use futures_util::stream;

    use super::*;

    async fn status(answer: impl AsyncFnOnce(Request) -> Response) -> u16 {
        status_of(Body::empty(), answer).await
    }

    async fn status_of(body: Body, answer: impl AsyncFnOnce(Request) -> Response) -> u16 {
        let response = contain(Duration::from_secs(30), Request::new(body), answer).await;
        let media_type = &response.headers()[header::CONTENT_TYPE];
        assert_eq!(media_type, "application/problem+json");
        response.status().as_u16()
    }

    /// A body of one byte per second, without end.
    fn trickling() -> Body {
        Body::from_stream(stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, Infallible>("x"), ()))
        }))
    }

    async fn read(request: Request) -> Response {
        match to_bytes(request.into_body(), 1000).await {
            Ok(_) => std::future::pending().await,
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_problem() {
        assert_eq!(status(async |_| panic!("on purpose")).await, 500);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_is_a_problem() {
        assert_eq!(status(async |_| std::future::pending().await).await, 503);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_or_trickles_is_the_fault_of_its_client() {
        let stalled = Body::from_stream(stream::pending::<Result<&str, Infallible>>());
        assert_eq!(status_of(stalled, read).await, 408);
        assert_eq!(status_of(trickling(), read).await, 408);
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_is_slow_after_the_body_is_the_fault_of_the_service() {
        assert_eq!(status_of(Body::from("whole"), read).await, 503);
        let unread = async |request: Request| {
            let _request = request;
            std::future::pending().await
        };
        assert_eq!(status_of(trickling(), unread).await, 503);
    }
}
