//! The ledger as OpenTelemetry metrics and spans, through the API alone: SDK and exporter are the app's own.

mod attributes;
mod durations;
mod error;
mod metrics;
mod observed;
mod parent;
mod spans;
mod sums;
mod told;

use std::sync::OnceLock;

use http::uri::PathAndQuery;
use http::{HeaderMap, Method};

pub use self::error::AlreadyRegistered;
pub(crate) use self::parent::Parent;
pub use self::spans::RequestSpans;

use self::attributes::Request;
use self::durations::Durations;
use sabr_ledger::{ClosedRequest, Meter};

/// Who is told of each request that ends. A load and a branch for each while there is nobody.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    durations: OnceLock<Durations>,
    spans: OnceLock<RequestSpans>,
}

impl Telemetry {
    /// Whose call the request is, by its head; only asked if somebody wants spans.
    pub(crate) fn parent(&self, head: &HeaderMap) -> Parent {
        self.spans
            .get()
            .map_or_else(Parent::default, |spans| spans.parent(head))
    }

    /// A request has ended. What is called here is not ours: nothing of ours may be locked.
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
