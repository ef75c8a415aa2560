//! The attributes of a request, by the names of the semantic conventions.
//!
//! Source: <https://opentelemetry.io/docs/specs/semconv/http/>. `url.scheme` is left out: a service behind a proxy that
//! terminates TLS does not know it.

use std::sync::Arc;

use http::Method;
use http::uri::PathAndQuery;
use opentelemetry::{KeyValue, Value};

use sabr_ledger::{ClosedRequest, Endpoint, RequestOutcome};

use crate::http_method::name_of;

pub(crate) const METHOD: &str = "http.request.method";
pub(crate) const ROUTE: &str = "http.route";
/// The name that the conventions give to methods that HTTP does not define.
pub(crate) const OTHER: &str = "_OTHER";

/// A request that has ended.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) asked: &'a Method,
    pub(crate) method: &'static str,
    pub(crate) path: Option<&'a str>,
    /// None if the request matched no route, or if its endpoint is over the bound.
    pub(crate) route: Option<&'a Arc<str>>,
    pub(crate) closed: ClosedRequest,
}

impl<'a> Request<'a> {
    pub(crate) fn new(
        asked: &'a Method,
        path: Option<&'a PathAndQuery>,
        endpoint: &'a Endpoint,
        closed: ClosedRequest,
    ) -> Self {
        Self {
            asked,
            method: conventional(name_of(asked)),
            path: path.map(PathAndQuery::path),
            route: endpoint.has_route().then(|| endpoint.route()),
            closed,
        }
    }

    /// None if the response did not reach the client. The conventions then leave it out.
    pub(crate) fn status(&self) -> Option<i64> {
        let status = self
            .closed
            .status
            .filter(|_| self.closed.outcome != RequestOutcome::Cancelled);
        status.map(i64::from)
    }

    /// `error.type`: the status from 500 up, `body` for a response that broke, `panicked` or
    /// `cancelled`.
    pub(crate) fn error(&self) -> Option<Value> {
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
pub(crate) fn conventional(name: &'static str) -> &'static str {
    match name {
        "OTHER" | "ANY" => OTHER,
        name => name,
    }
}

/// The attributes of one measurement, without an allocation.
#[derive(Debug)]
pub(crate) struct Attributes {
    values: [KeyValue; 4],
    len: usize,
}

impl Attributes {
    pub(crate) fn of(request: &Request<'_>) -> Self {
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

    pub(crate) fn as_slice(&self) -> &[KeyValue] {
        &self.values[..self.len]
    }
}
