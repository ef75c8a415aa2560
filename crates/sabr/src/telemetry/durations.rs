use opentelemetry::metrics::{Histogram, Meter};

use super::attributes::{Attributes, Request};
use sabr_ledger::{DURATION_BOUNDARIES, seconds};

/// `http.server.request.duration`. No histogram can be observed from outside, so each request is
/// recorded.
#[derive(Debug)]
pub(crate) struct Durations(Histogram<f64>);

impl Durations {
    pub(crate) fn new(meter: &Meter) -> Self {
        let histogram = meter
            .f64_histogram("http.server.request.duration")
            .with_description("Time from the head of a request to the last byte of its response")
            .with_unit("s")
            .with_boundaries(DURATION_BOUNDARIES.to_vec());
        Self(histogram.build())
    }

    pub(crate) fn record(&self, request: &Request<'_>) {
        let attributes = Attributes::of(request);
        self.0
            .record(seconds(request.closed.duration), attributes.as_slice());
    }
}
