//! Assertions for tests: a blocking call in a handler fails the test that calls it.

use std::sync::Arc;

use sabr_ledger::Endpoint;

use super::Ledger;

/// For the tests of any axum app: put [`Sabr::layer`](crate::Sabr::layer) around the routes, call
/// them, and assert.
///
/// ```
/// # use axum::{Router, body::Body, extract::Request, routing::get};
/// # use sabr::Sabr;
/// # use tower::ServiceExt;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sabr = Sabr::default();
/// let app: Router = Router::new()
///     .route("/quick", get(|| async { "quick" }))
///     .layer(sabr.layer());
/// let request = Request::get("/quick").body(Body::empty()).unwrap();
/// let response = app.oneshot(request).await.unwrap();
/// // A request is over when its body is.
/// axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
///
/// sabr.ledger().assert_never_blocks();
/// # }
/// ```
impl Ledger {
    /// Asserts that no handler blocked or computed for long inside a poll, in the ended requests
    /// that verdicts rest on: those of the last minute or two, and at least the last 500.
    ///
    /// One request is enough to fail, which is what a test wants; a [verdict](super::Verdict) asks
    /// for more. The limits are those of [`Thresholds`](super::Thresholds). Where the platform
    /// can't tell blocked from computing, slow polls fail too. Time in which the machine was
    /// busy does not count.
    ///
    /// # Panics
    ///
    /// Names the endpoints that did.
    #[track_caller]
    pub fn assert_never_blocks(&self) {
        let offences: Vec<_> = self.shared.book.all().iter().filter_map(offence).collect();
        assert!(
            offences.is_empty(),
            "the event loop was held up:\n{}",
            offences.join("\n")
        );
    }

    /// As [`assert_never_blocks`](Self::assert_never_blocks), for one route and all of its methods.
    ///
    /// # Panics
    ///
    /// If a handler of the route did, and if the route has received no request: an assertion about
    /// nothing would always hold.
    #[track_caller]
    pub fn assert_route_never_blocks(&self, route: &str) {
        let endpoints = self.shared.book.all().into_iter();
        let asked_for: Vec<_> = endpoints
            .filter(|endpoint| **endpoint.route() == *route && endpoint.has_requests())
            .collect();
        assert!(
            !asked_for.is_empty(),
            "no request for the route {route:?} has come through Sabr's layer"
        );
        let offences: Vec<_> = asked_for.iter().filter_map(offence).collect();
        assert!(
            offences.is_empty(),
            "the event loop was held up:\n{}",
            offences.join("\n")
        );
    }
}

fn offence(endpoint: &Arc<Endpoint>) -> Option<String> {
    let slow = endpoint.slow_polls()?;
    let (method, route) = (endpoint.method(), endpoint.route());
    Some(format!("  {method} {route}: {slow} inside a poll"))
}
