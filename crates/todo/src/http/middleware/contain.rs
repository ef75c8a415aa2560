use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::http::problem::{Problem, kind};

/// Answers within this time, whatever the handler does: it may take too long, and it may panic.
pub(super) async fn contain(bound: Duration, answer: impl Future<Output = Response>) -> Response {
    let answer = AssertUnwindSafe(answer).catch_unwind();
    match tokio::time::timeout(bound, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => panicked(panic.as_ref()).into_response(),
        Err(_) => timed_out(bound).into_response(),
    }
}

/// The client sees nothing of the panic, which goes to the log.
fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let panic = text.unwrap_or("a value that is no text");
    tracing::error!(panic, "handler panicked");
    Problem::new(&kind::INTERNAL, "the service failed; its log says how")
}

fn timed_out(bound: Duration) -> Problem {
    let detail = format!("no answer was ready within {bound:?}");
    Problem::new(&kind::TIMEOUT, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn status(answer: impl Future<Output = Response>) -> u16 {
        let response = contain(Duration::from_secs(30), answer).await;
        let media_type = &response.headers()[header::CONTENT_TYPE];
        assert_eq!(media_type, "application/problem+json");
        response.status().as_u16()
    }

    #[tokio::test]
    async fn a_panic_is_a_problem() {
        assert_eq!(status(async { panic!("on purpose") }).await, 500);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_is_a_problem() {
        assert_eq!(status(std::future::pending()).await, 503);
    }
}
