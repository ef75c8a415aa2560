//! The ledger as text that Prometheus reads.

mod collector;
mod format;
mod text;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

pub use self::format::MetricsFormat;

use super::Ledger;

impl Ledger {
    /// The ledger as text, for Prometheus. Serve it with the `Content-Type` of
    /// [`MetricsFormat::media_type`].
    ///
    /// `http_server_request_duration_seconds` has the name, the labels and the buckets of
    /// OpenTelemetry's stable `http.server.request.duration`. All else is in the namespace
    /// `sabr`: seconds by phase and by label of each endpoint, its verdict, pools, tasks,
    /// stalls and the numbers of the app.
    ///
    /// ```
    /// use sabr::ledger::MetricsFormat;
    ///
    /// let sabr = sabr::Sabr::default();
    /// let metrics = sabr.ledger().metrics(MetricsFormat::OpenMetrics);
    /// assert!(metrics.ends_with("# EOF\n"));
    /// ```
    #[must_use]
    pub fn metrics(&self, format: MetricsFormat) -> String {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self.clone()));
        let mut open_metrics = String::new();
        // Writing to a String does not fail.
        let _ = encode(&mut open_metrics, &registry);
        match format {
            MetricsFormat::OpenMetrics => open_metrics,
            MetricsFormat::Text => text::from_open_metrics(&open_metrics),
        }
    }
}
