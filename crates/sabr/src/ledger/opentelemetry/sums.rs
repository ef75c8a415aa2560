//! The sums of the ledger as instruments.

use opentelemetry::KeyValue;

use super::observed::{About, Observed};
use crate::ledger::snapshot::EndpointSnapshot;
use crate::pool::PoolKind;
use crate::telemetry::{METHOD, ROUTE, conventional};

impl Observed<'_> {
    pub(super) fn in_flight(&self) {
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

    pub(super) fn endpoints(&self) {
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

    pub(super) fn pools(&self) {
        let about = About {
            name: "sabr.pool.threads",
            unit: "{thread}",
            help: "Threads by state",
        };
        self.level(about, |ledger, observer| {
            for pool in PoolKind::EACH.map(|kind| ledger.pool(kind)) {
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
            for pool in PoolKind::EACH.map(|kind| ledger.pool(kind)) {
                observer.observe(signed(pool.queued), &[in_pool(&pool.name)]);
            }
        });
        let about = About {
            name: "sabr.pool.jobs",
            unit: "{job}",
            help: "Jobs by what became of them",
        };
        self.count(about, |ledger, observer| {
            for pool in PoolKind::EACH.map(|kind| ledger.pool(kind)) {
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
            for pool in PoolKind::EACH.map(|kind| ledger.pool(kind)) {
                observer.observe(pool.queue_time, &[in_pool(&pool.name)]);
            }
        });
    }

    pub(super) fn tasks(&self) {
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

    pub(super) fn others(&self) {
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
