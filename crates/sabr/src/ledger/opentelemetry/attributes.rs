//! What the semantic conventions call the properties of a request.
//!
//! By <https://opentelemetry.io/docs/specs/semconv/http/>. Of the scheme (`url.scheme`), which the conventions want,
//! Sabr knows nothing: it may stand behind a proxy that ends TLS.

use std::sync::Arc;

use http::Method;
use http::uri::PathAndQuery;
use opentelemetry::{KeyValue, Value};

use sabr_ledger::{ClosedRequest, Endpoint, RequestOutcome};

use crate::ledger::method::name_of;

pub(super) const METHOD: &str = "http.request.method";
pub(super) const ROUTE: &str = "http.route";
/// What the conventions call methods that HTTP does not define.
pub(super) const OTHER: &str = "_OTHER";

/// A request that has ended.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) asked: &'a Method,
    pub(super) method: &'static str,
    pub(super) path: Option<&'a str>,
    /// None if it matched none, or if that is over the bound of endpoints.
    pub(super) route: Option<&'a Arc<str>>,
    pub(super) closed: ClosedRequest,
}

impl<'a> Request<'a> {
    pub(super) fn new(
        asked: &'a Method,
        path: Option<&'a PathAndQuery>,
        endpoint: &'a Endpoint,
        closed: ClosedRequest,
    ) -> Self {
        Self {
            asked,
            method: conventional(name_of(asked)),
            path: path.map(PathAndQuery::path),
            route: endpoint.is_judged().then(|| endpoint.route()),
            closed,
        }
    }

    /// None where the response did not get to the client: the conventions leave it out then.
    pub(super) fn status(&self) -> Option<i64> {
        let status = self
            .closed
            .status
            .filter(|_| self.closed.outcome != RequestOutcome::Cancelled);
        status.map(i64::from)
    }

    /// `error.type`: the status from 500 up, `body` for a response that broke, `panicked` or `cancelled`.
    pub(super) fn error(&self) -> Option<Value> {
        match self.closed.outcome {
            RequestOutcome::Succeeded | RequestOutcome::Refused => None,
            RequestOutcome::Failed => Some(match self.closed.status {
                Some(status) => status.to_string().into(),
                None => "body".into(),
            }),
            RequestOutcome::Panicked => Some("panicked".into()),
            RequestOutcome::Cancelled => Some("cancelled".into()),
        }
    }
}

/// The name of a method in the book, as the conventions have it.
pub(super) fn conventional(name: &'static str) -> &'static str {
    match name {
        "OTHER" | "ANY" => OTHER,
        name => name,
    }
}

/// The attributes of one measurement, without an allocation.
#[derive(Debug)]
pub(super) struct Attributes {
    values: [KeyValue; 4],
    len: usize,
}

impl Attributes {
    pub(super) fn of(request: &Request<'_>) -> Self {
        let status = request.status();
        let attributes = [
            Some(KeyValue::new(METHOD, request.method)),
            request
                .route
                .map(|route| KeyValue::new(ROUTE, Arc::clone(route))),
            status.map(|status| KeyValue::new("http.response.status_code", status)),
            request
                .error()
                .map(|error| KeyValue::new("error.type", error)),
        ];
        let mut values = [(); 4].map(|()| KeyValue::new("", 0));
        let mut len = 0;
        for (place, attribute) in values.iter_mut().zip(attributes.into_iter().flatten()) {
            *place = attribute;
            len += 1;
        }
        Self { values, len }
    }

    pub(super) fn as_slice(&self) -> &[KeyValue] {
        &self.values[..self.len]
    }
}
