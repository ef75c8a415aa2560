//! Requests as OpenTelemetry measurements and spans, through the API alone. The app brings the SDK
//! and the exporter.

mod attributes;
mod durations;
mod error;
mod parent;
mod request_span;
mod spans;

use std::sync::OnceLock;

use http::uri::PathAndQuery;
use http::{HeaderMap, Method};

pub use self::error::AlreadyRegistered;
pub(crate) use self::parent::Parent;
pub use self::spans::RequestSpans;

pub(crate) use self::attributes::{METHOD, ROUTE, conventional};
pub(crate) use self::durations::Durations;

use self::attributes::Request;
use sabr_ledger::{ClosedRequest, Meter};

/// The receivers of each request that ends. Without receivers a request costs two loads and a
/// branch.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    pub(crate) durations: OnceLock<Durations>,
    pub(crate) spans: OnceLock<RequestSpans>,
}

impl Telemetry {
    /// The context of the caller, from the head of the request. Read only if spans are registered.
    pub(crate) fn parent(&self, head: &HeaderMap) -> Parent {
        self.spans
            .get()
            .map_or_else(Parent::default, |spans| spans.parent(head))
    }

    /// A request has ended. Calls code of the app, so the caller must hold no lock.
    pub(crate) fn ended(
        &self,
        closed: Option<ClosedRequest>,
        meter: &Meter,
        method: &Method,
        path: Option<&PathAndQuery>,
        parent: &Parent,
    ) {
        let (durations, spans) = (self.durations.get(), self.spans.get());
        if durations.is_none() && spans.is_none() {
            return;
        }
        let (Some(closed), Some(endpoint)) = (closed, meter.endpoint()) else {
            return;
        };
        let request = Request::new(method, path, endpoint, closed);
        if let Some(durations) = durations {
            durations.record(&request);
        }
        if let Some(spans) = spans {
            spans.emit(&request, meter, parent);
        }
    }
}
