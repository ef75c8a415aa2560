//! Assertions for tests: a blocking call in a handler fails the test that calls it.

use std::sync::Arc;

use sabr_ledger::{Endpoint, Severity};

use super::Ledger;
use super::snapshot::EndpointSnapshot;

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
/// assert_eq!(response.status(), 200);
///
/// sabr.ledger().assert_never_blocks();
/// # }
/// ```
impl Ledger {
    /// Asserts that no handler blocked or computed for long inside a poll. It looks at the requests
    /// in flight, and at the ended requests that verdicts rest on: those of the last minute or two,
    /// and at least the last 500.
    ///
    /// One slow request is enough to fail; a [verdict](super::Verdict) needs more. The limits are
    /// those of [`Thresholds`](super::Thresholds). On a platform that cannot tell blocked from
    /// computing, every slow poll fails. Time in which the machine was busy does not count.
    ///
    /// # Panics
    ///
    /// If a handler did; the message names the endpoints. Also if no request has come through the
    /// layer of this [`Sabr`](crate::Sabr), because the assertion would then always hold.
    #[track_caller]
    pub fn assert_never_blocks(&self) {
        let measured = self.measured();
        assert!(
            !measured.is_empty(),
            "no request has come through the layer of this `Sabr`: \
             put `.layer(sabr.layer())` around the router, and call it before this assertion"
        );
        self.assert_no_offences(&measured);
    }

    /// As [`assert_never_blocks`](Self::assert_never_blocks), for one route and all of its methods.
    ///
    /// # Panics
    ///
    /// If a handler of the route did, and if the route has received no request.
    #[track_caller]
    pub fn assert_route_never_blocks(&self, route: &str) {
        let mut measured = self.measured();
        measured.retain(|endpoint| **endpoint.route() == *route);
        assert!(
            !measured.is_empty(),
            "no request for the route {route:?} has come through Sabr's layer"
        );
        self.assert_no_offences(&measured);
    }

    /// Asserts that every verdict is good, or [accepted](super::RouteRule::accept). An endpoint
    /// without enough requests for a verdict does not count.
    ///
    /// For a test that sends each endpoint a few hundred requests like those in production.
    ///
    /// # Panics
    ///
    /// If a verdict is not good; the message has the verdicts and their advice. Also if there is no
    /// verdict at all.
    #[track_caller]
    pub fn assert_verdicts_are_good(&self) {
        let mut endpoints = self.endpoints();
        endpoints.retain(|endpoint| endpoint.verdict.severity != Severity::Open);
        assert!(
            !endpoints.is_empty(),
            "no endpoint has received enough requests for a verdict"
        );
        endpoints.retain(|endpoint| endpoint.verdict.severity != Severity::Good);
        let lines: Vec<_> = endpoints.iter().map(bad_verdict).collect();
        assert!(
            lines.is_empty(),
            "these verdicts are not good:\n{}",
            lines.join("\n")
        );
    }

    fn measured(&self) -> Vec<Arc<Endpoint>> {
        let mut measured = self.shared.book.all();
        measured.retain(|endpoint| endpoint.has_requests());
        measured
    }

    #[track_caller]
    fn assert_no_offences(&self, endpoints: &[Arc<Endpoint>]) {
        let thresholds = &self.shared.config.thresholds;
        let offences = endpoints.iter().filter_map(|endpoint| {
            let slow = endpoint.slow_polls(thresholds)?;
            let (method, route) = (endpoint.method(), endpoint.route());
            Some(format!("  {method} {route}: {slow} inside a poll"))
        });
        let offences: Vec<_> = offences.collect();
        assert!(
            offences.is_empty(),
            "the event loop was held up:\n{}",
            offences.join("\n")
        );
    }
}

/// `GET /report: computes on the event loop: … Move the computation …`
fn bad_verdict(endpoint: &EndpointSnapshot) -> String {
    let EndpointSnapshot {
        method,
        route,
        verdict,
        ..
    } = endpoint;
    let advice = verdict.advice.as_deref().unwrap_or_default();
    let (title, finding) = (verdict.title, &verdict.finding);
    format!("  {method} {route}: {title}: {finding}. {advice}")
}
