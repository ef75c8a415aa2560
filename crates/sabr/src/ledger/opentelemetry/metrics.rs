//! What the ledger adds up, as instruments that are read when somebody collects.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Meter};

use super::AlreadyRegistered;
use super::attributes::{METHOD, ROUTE, conventional};
use super::durations::Durations;
use crate::Ledger;
use crate::PoolKind;
use crate::ledger::snapshot::EndpointSnapshot;

impl Ledger {
    /// Gives `meter` all that the ledger measures, under the names that the feature `prometheus` gives them, as
    /// OpenTelemetry writes such names.
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
    /// The histogram has the stable name and the 14 boundaries of the semantic conventions, and begins with the requests
    /// that end from now on; all else is read from the ledger when somebody collects. `error.type` is the status from 500
    /// up, `body` for a response that broke, `panicked`, or `cancelled`, where there is no status. Requests that matched
    /// no route have no `http.route` in it; in the namespace `sabr` their route is `(no route)`. Methods that HTTP does
    /// not define are `_OTHER`. There is no `url.scheme`: a service behind a proxy does not know it.
    ///
    /// Series are bounded by the endpoints, of which there are at most 256 and two unless
    /// [`Builder::ledger_endpoints`](crate::Builder::ledger_endpoints) says otherwise: seven each of the phases, which is
    /// within the 2000 of an instrument after which the SDK puts further ones together. The meter keeps the ledger as long
    /// as it lives. After [`reset`](Self::reset) counters begin anew.
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
        let told = &self.shared.telemetry.durations;
        told.set(Durations::new(meter))
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

struct Observed<'a> {
    ledger: &'a Ledger,
    meter: &'a Meter,
}

impl Observed<'_> {
    fn in_flight(&self) {
        let about = About {
            name: "http.server.active_requests",
            unit: "{request}",
            help: "Requests that have begun and not ended",
        };
        self.level(about, |ledger, observer| {
            let mut methods: Vec<(&str, i64)> = Vec::new();
            for endpoint in ledger.endpoints() {
                let (method, count) = (conventional(endpoint.method), signed(endpoint.in_flight));
                match methods.iter_mut().find(|(known, _)| *known == method) {
                    Some((_, sum)) => *sum += count,
                    None => methods.push((method, count)),
                }
            }
            for (method, count) in methods {
                observer.observe(count, &[KeyValue::new(METHOD, method)]);
            }
        });
        let about = About {
            name: "sabr.requests.in_flight",
            ..about
        };
        self.level(about, |ledger, observer| {
            for endpoint in ledger.endpoints() {
                observer.observe(signed(endpoint.in_flight), &of(&endpoint));
            }
        });
    }

    fn endpoints(&self) {
        let about = About {
            name: "sabr.request.phase",
            unit: "s",
            help: "Time of requests by phase",
        };
        self.seconds(about, |ledger, observer| {
            for endpoint in ledger.endpoints() {
                for time in &endpoint.phases {
                    let phase = KeyValue::new("sabr.phase", time.phase.as_str());
                    observer.observe(time.seconds, &with(&endpoint, phase));
                }
            }
        });
        let about = About {
            name: "sabr.wait",
            unit: "s",
            help: "Time in which at least one wait with the label went on",
        };
        self.seconds(about, |ledger, observer| {
            for endpoint in ledger.endpoints() {
                for wait in &endpoint.waits {
                    let label = KeyValue::new("sabr.label", wait.label);
                    observer.observe(wait.union, &with(&endpoint, label));
                }
            }
        });
        let about = About {
            name: "sabr.verdict",
            unit: "1",
            help: "1 for the verdict on the endpoint",
        };
        self.gauge(about, |ledger, observer| {
            for endpoint in ledger.endpoints() {
                let verdict = KeyValue::new("sabr.verdict", endpoint.verdict.title);
                observer.observe(1.0, &with(&endpoint, verdict));
            }
        });
    }

    fn pools(&self) {
        let about = About {
            name: "sabr.pool.threads",
            unit: "{thread}",
            help: "Threads by state",
        };
        self.level(about, |ledger, observer| {
            for pool in PoolKind::ALL.map(|kind| ledger.pool(kind)) {
                let idle = pool.threads.saturating_sub(pool.busy);
                for (state, count) in [("busy", pool.busy), ("idle", idle)] {
                    let attributes = [in_pool(&pool.name), in_state(state)];
                    observer.observe(signed(count), &attributes);
                }
            }
        });
        let about = About {
            name: "sabr.pool.queue",
            unit: "{job}",
            help: "Jobs that wait for a thread",
        };
        self.level(about, |ledger, observer| {
            for pool in PoolKind::ALL.map(|kind| ledger.pool(kind)) {
                observer.observe(signed(pool.queued), &[in_pool(&pool.name)]);
            }
        });
        let about = About {
            name: "sabr.pool.jobs",
            unit: "{job}",
            help: "Jobs by what became of them",
        };
        self.count(about, |ledger, observer| {
            for pool in PoolKind::ALL.map(|kind| ledger.pool(kind)) {
                for (state, count) in [
                    ("finished", pool.finished),
                    ("skipped", pool.skipped),
                    ("rejected", pool.rejected),
                ] {
                    observer.observe(count, &[in_pool(&pool.name), in_state(state)]);
                }
            }
        });
        let about = About {
            name: "sabr.pool.queue_time",
            unit: "s",
            help: "Time that jobs have waited for a thread",
        };
        self.seconds(about, |ledger, observer| {
            for pool in PoolKind::ALL.map(|kind| ledger.pool(kind)) {
                observer.observe(pool.queue_time, &[in_pool(&pool.name)]);
            }
        });
    }

    fn tasks(&self) {
        let about = About {
            name: "sabr.tasks.live",
            unit: "{task}",
            help: "Background tasks that have not ended",
        };
        self.level(about, |ledger, observer| {
            let tasks = ledger.shared.registry.stats();
            observer.observe(signed(tasks.queued), &[in_state("queued")]);
            observer.observe(signed(tasks.running), &[in_state("running")]);
        });
        let about = About {
            name: "sabr.tasks",
            unit: "{task}",
            help: "Background tasks by how they ended",
        };
        self.count(about, |ledger, observer| {
            let tasks = ledger.shared.registry.stats();
            for (state, count) in [
                ("done", tasks.done),
                ("failed", tasks.failed),
                ("skipped", tasks.skipped),
                ("cancelled", tasks.cancelled),
                ("rejected", tasks.rejected),
            ] {
                observer.observe(count, &[in_state(state)]);
            }
        });
    }

    fn others(&self) {
        let about = About {
            name: "sabr.stalls",
            unit: "{stall}",
            help: "Polls that did not come back in time",
        };
        self.count(about, |ledger, observer| {
            observer.observe(ledger.shared.watchdog.stall_count(), &[]);
        });
        let about = About {
            name: "sabr.app",
            unit: "",
            help: "Numbers that the app shows beside the ledger",
        };
        self.gauge(about, |ledger, observer| {
            for group in ledger.shared.gauges.read() {
                for gauge in &group.gauges {
                    let attributes = [
                        KeyValue::new("sabr.group", group.title),
                        KeyValue::new("sabr.name", gauge.name),
                        KeyValue::new("sabr.unit", gauge.unit),
                    ];
                    observer.observe(gauge.value, &attributes);
                }
            }
        });
    }
}

/// What an instrument says of itself.
#[derive(Clone, Copy)]
struct About {
    name: &'static str,
    unit: &'static str,
    help: &'static str,
}

/// A method for each kind of instrument; what it observes is read anew each time.
macro_rules! instruments {
    ($($name:ident: $kind:ident of $number:ty;)*) => {
        impl Observed<'_> {
            $(fn $name(
                &self,
                about: About,
                read: impl Fn(&Ledger, &dyn AsyncInstrument<$number>) + Send + Sync + 'static,
            ) {
                let ledger = self.ledger.clone();
                let instrument = self.meter.$kind(about.name).with_unit(about.unit);
                instrument
                    .with_description(about.help)
                    .with_callback(move |observer| read(&ledger, observer))
                    .build();
            })*
        }
    };
}

instruments! {
    seconds: f64_observable_counter of f64;
    count: u64_observable_counter of u64;
    level: i64_observable_up_down_counter of i64;
    gauge: f64_observable_gauge of f64;
}

fn of(endpoint: &EndpointSnapshot) -> [KeyValue; 2] {
    [
        KeyValue::new(METHOD, conventional(endpoint.method)),
        KeyValue::new(ROUTE, endpoint.route.clone()),
    ]
}

fn with(endpoint: &EndpointSnapshot, more: KeyValue) -> [KeyValue; 3] {
    let [method, route] = of(endpoint);
    [method, route, more]
}

fn in_pool(name: &str) -> KeyValue {
    KeyValue::new("sabr.pool", name.to_owned())
}

fn in_state(state: &'static str) -> KeyValue {
    KeyValue::new("sabr.state", state)
}

fn signed(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
