use super::super::Ledger;
use crate::telemetry::{AlreadyRegistered, RequestSpans};

impl Ledger {
    /// From now on, turns every request that ends into a span. See [`RequestSpans`].
    ///
    /// The tracer is called on the thread on which the request ends, so its spans should be
    /// exported in batches, as the SDK does on a thread of its own. A request that is not sampled
    /// costs little more than the sampler's decision.
    ///
    /// ```
    /// use opentelemetry::trace::TracerProvider;
    /// use opentelemetry_sdk::propagation::TraceContextPropagator;
    /// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
    /// use sabr::Sabr;
    /// use sabr::ledger::RequestSpans;
    ///
    /// # fn main() -> Result<(), sabr::ledger::AlreadyRegistered> {
    /// // In the place of one that sends them.
    /// let exporter = InMemorySpanExporter::default();
    /// let provider = SdkTracerProvider::builder()
    ///     .with_batch_exporter(exporter)
    ///     .build();
    /// let sabr = Sabr::default();
    /// let spans = RequestSpans::new(provider.tracer("todo"));
    /// sabr.ledger()
    ///     .register_spans(spans.with_propagator(TraceContextPropagator::new()))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If it was called before.
    pub fn register_spans(&self, spans: RequestSpans) -> Result<(), AlreadyRegistered> {
        self.shared
            .telemetry
            .spans
            .set(spans)
            .map_err(|_| AlreadyRegistered)
    }
}
