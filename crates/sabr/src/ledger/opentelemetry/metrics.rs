use opentelemetry::metrics::Meter;

use super::super::Ledger;
use super::observed::Observed;
use crate::telemetry::{AlreadyRegistered, Durations};

impl Ledger {
    /// Registers instruments for everything that the ledger measures. The names match those of the
    /// feature `prometheus`, in OpenTelemetry's style.
    ///
    /// | Instrument | Unit | Attributes | What |
    /// |---|---|---|---|
    /// | `http.server.request.duration`, histogram | `s` | `http.request.method`, `http.route`, `http.response.status_code`, `error.type` | from the head of a request to the last byte of its response |
    /// | `http.server.active_requests` | `{request}` | `http.request.method` | requests that have begun and not ended |
    /// | `sabr.requests.in_flight` | `{request}` | method, route | the same by endpoint |
    /// | `sabr.request.phase`, counter | `s` | method, route, `sabr.phase` | time of ended requests by [`Phase`](crate::ledger::Phase) |
    /// | `sabr.wait`, counter | `s` | method, route, `sabr.label` | time in which at least one wait with the label went on |
    /// | `sabr.verdict`, gauge | `1` | method, route, `sabr.verdict` | 1 for the verdict on the endpoint |
    /// | `sabr.pool.threads` | `{thread}` | `sabr.pool`, `sabr.state` | threads, `busy` and `idle` |
    /// | `sabr.pool.queue` | `{job}` | `sabr.pool` | jobs that wait for a thread |
    /// | `sabr.pool.jobs`, counter | `{job}` | `sabr.pool`, `sabr.state` | jobs by what became of them |
    /// | `sabr.pool.queue_time`, counter | `s` | `sabr.pool` | time that jobs have waited for a thread |
    /// | `sabr.tasks.live` | `{task}` | `sabr.state` | background tasks that have not ended |
    /// | `sabr.tasks`, counter | `{task}` | `sabr.state` | background tasks by how they ended |
    /// | `sabr.stalls`, counter | `{stall}` | | polls that did not come back in time, as the watchdog saw them |
    /// | `sabr.app`, gauge | | `sabr.group`, `sabr.name`, `sabr.unit` | what the app [shows](Self::show) beside the ledger |
    ///
    /// The histogram has the stable name and the 14 boundaries of the semantic conventions, and
    /// records the requests that end after the registration. The other instruments read the ledger
    /// at each collection. `error.type` is the status from 500 up, `body` for a response that
    /// broke, `panicked`, or `cancelled`, where there is no status. Requests that matched
    /// no route have no `http.route` in it; in the namespace `sabr` their route is `(no route)`.
    /// Methods that HTTP does not define are `_OTHER`. There is no `url.scheme`: a service
    /// behind a proxy does not know it.
    ///
    /// Series are bounded by the number of endpoints, at most 258 unless
    /// [`Builder::ledger_endpoints`](crate::Builder::ledger_endpoints) changes that.
    /// `sabr.request.phase` has seven series for each endpoint. That is below 2,000 series, above
    /// which the SDK merges further series of an instrument. The meter keeps the ledger alive.
    /// After [`reset`](Self::reset), counters restart at 0.
    ///
    /// ```
    /// use opentelemetry::metrics::MeterProvider;
    /// use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
    /// use sabr::Sabr;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // In the place of one that sends them.
    /// let exporter = InMemoryMetricExporter::default();
    /// let reader = PeriodicReader::builder(exporter.clone()).build();
    /// let provider = SdkMeterProvider::builder().with_reader(reader).build();
    /// let sabr = Sabr::default();
    /// sabr.ledger().register_metrics(&provider.meter("todo"))?;
    /// provider.force_flush()?;
    /// assert_eq!(exporter.get_finished_metrics()?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If it was called before.
    pub fn register_metrics(&self, meter: &Meter) -> Result<(), AlreadyRegistered> {
        self.shared
            .telemetry
            .durations
            .set(Durations::new(meter))
            .map_err(|_| AlreadyRegistered)?;
        let observed = Observed {
            ledger: self,
            meter,
        };
        observed.in_flight();
        observed.endpoints();
        observed.pools();
        observed.tasks();
        observed.others();
        Ok(())
    }
}
