//! The ledger as metrics, each with its name, its help and its labels.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;
use sabr_ledger::{DURATION_BOUNDARIES, StatusTimes};

use crate::ledger::Ledger;
use crate::ledger::snapshot::{EndpointSnapshot, PoolSnapshot, Snapshot, TaskSnapshot};

type Labels = Vec<(&'static str, String)>;

impl Collector for Ledger {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let snapshot = self.snapshot();
        self.encode_durations(&mut encoder)?;
        encode_endpoints(&mut encoder, &snapshot.endpoints)?;
        encode_pools(&mut encoder, &snapshot.pools)?;
        encode_tasks(&mut encoder, snapshot.tasks)?;
        encode_gauges(&mut encoder, &snapshot)
    }
}

impl Ledger {
    fn encode_durations(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut metric = encoder.encode_descriptor(
            "http_server_request_duration",
            "Time from the head of a request to the last byte of its response",
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for endpoint in self.shared.book.all() {
            for times in endpoint.status_times() {
                let mut labels = vec![("http_request_method", endpoint.method().to_owned())];
                if endpoint.has_route() {
                    labels.push(("http_route", endpoint.route().to_string()));
                }
                labels.extend(status_labels(&times));
                let ends = DURATION_BOUNDARIES.iter().copied().chain([f64::INFINITY]);
                let buckets: Vec<_> = ends.zip(times.counts).collect();
                let count = times.counts.iter().sum();
                metric
                    .encode_family(&labels)?
                    .encode_histogram::<NoLabelSet>(times.sum, count, &buckets, None)?;
            }
        }
        Ok(())
    }
}

/// The label of the status, if there was one, and the label `error_type` of requests that failed.
fn status_labels(times: &StatusTimes) -> impl Iterator<Item = (&'static str, String)> {
    let status = times.status.map(|status| status.to_string());
    let error = match times.error {
        Some("failed") => status.clone().or(Some("body".to_owned())),
        error => error.map(str::to_owned),
    };
    // On cancellation the conventions leave the status out.
    let status = status.filter(|_| times.error != Some("cancelled"));
    let status = status.map(|status| ("http_response_status_code", status));
    status
        .into_iter()
        .chain(error.map(|error| ("error_type", error)))
}

fn encode_endpoints(
    encoder: &mut DescriptorEncoder<'_>,
    endpoints: &[EndpointSnapshot],
) -> fmt::Result {
    let mut phases = Family::counters(
        encoder,
        "sabr_request_phase",
        "Time of requests by phase",
        Some(&Unit::Seconds),
    )?;
    for endpoint in endpoints {
        for time in &endpoint.phases {
            let labels = of(endpoint, [("phase", time.phase.to_string())]);
            phases.count(labels, time.seconds)?;
        }
    }
    let mut waits = Family::counters(
        encoder,
        "sabr_wait",
        "Time in which at least one wait with the label went on",
        Some(&Unit::Seconds),
    )?;
    for endpoint in endpoints {
        for wait in &endpoint.waits {
            let labels = of(endpoint, [("label", wait.label.to_owned())]);
            waits.count(labels, wait.union)?;
        }
    }
    let mut in_flight = Family::gauges(
        encoder,
        "sabr_requests_in_flight",
        "Requests that have begun and not ended",
    )?;
    for endpoint in endpoints {
        in_flight.gauge(of(endpoint, []), endpoint.in_flight as f64)?;
    }
    let mut verdicts =
        Family::gauges(encoder, "sabr_verdict", "1 for the verdict on the endpoint")?;
    for endpoint in endpoints {
        let labels = of(endpoint, [("verdict", endpoint.verdict.title.to_owned())]);
        verdicts.gauge(labels, 1.0)?;
    }
    Ok(())
}

fn of<const N: usize>(endpoint: &EndpointSnapshot, more: [(&'static str, String); N]) -> Labels {
    let mut labels = vec![
        ("http_request_method", endpoint.method.to_owned()),
        ("http_route", endpoint.route.clone()),
    ];
    labels.extend(more);
    labels
}

fn encode_pools(encoder: &mut DescriptorEncoder<'_>, pools: &[PoolSnapshot]) -> fmt::Result {
    let mut threads = Family::gauges(encoder, "sabr_pool_threads", "Threads by state")?;
    for pool in pools {
        let states = [("busy", pool.busy), ("idle", pool.threads - pool.busy)];
        for (state, count) in states {
            threads.gauge(in_pool(pool, state), count as f64)?;
        }
    }
    let mut queued = Family::gauges(encoder, "sabr_pool_queue", "Jobs that wait for a thread")?;
    for pool in pools {
        queued.gauge(vec![("pool", pool.name.clone())], pool.queued as f64)?;
    }
    let mut jobs = Family::counters(
        encoder,
        "sabr_pool_jobs",
        "Jobs by what became of them",
        None,
    )?;
    for pool in pools {
        let states = [
            ("finished", pool.finished),
            ("skipped", pool.skipped),
            ("rejected", pool.rejected),
        ];
        for (state, count) in states {
            jobs.count(in_pool(pool, state), count as f64)?;
        }
    }
    let mut queue_time = Family::counters(
        encoder,
        "sabr_pool_queue_time",
        "Time that jobs have waited for a thread",
        Some(&Unit::Seconds),
    )?;
    for pool in pools {
        queue_time.count(vec![("pool", pool.name.clone())], pool.queue_time)?;
    }
    Ok(())
}

fn in_pool(pool: &PoolSnapshot, state: &str) -> Labels {
    vec![("pool", pool.name.clone()), ("state", state.to_owned())]
}

fn encode_tasks(encoder: &mut DescriptorEncoder<'_>, tasks: TaskSnapshot) -> fmt::Result {
    let state = |state: &str| vec![("state", state.to_owned())];
    let mut live = Family::gauges(
        encoder,
        "sabr_tasks_live",
        "Background tasks that have not ended",
    )?;
    live.gauge(state("queued"), tasks.queued as f64)?;
    live.gauge(state("running"), tasks.running as f64)?;
    let mut ended = Family::counters(
        encoder,
        "sabr_tasks",
        "Background tasks by how they ended",
        None,
    )?;
    for (name, count) in [
        ("done", tasks.done),
        ("failed", tasks.failed),
        ("skipped", tasks.skipped),
        ("cancelled", tasks.cancelled),
        ("rejected", tasks.rejected),
    ] {
        ended.count(state(name), count as f64)?;
    }
    Ok(())
}

fn encode_gauges(encoder: &mut DescriptorEncoder<'_>, snapshot: &Snapshot) -> fmt::Result {
    let mut gauges = Family::gauges(
        encoder,
        "sabr_app",
        "Numbers that the app shows beside the ledger",
    )?;
    for group in &snapshot.gauges {
        for gauge in &group.gauges {
            let labels = vec![
                ("group", group.title.to_owned()),
                ("name", gauge.name.to_owned()),
                ("unit", gauge.unit.to_owned()),
            ];
            gauges.gauge(labels, gauge.value)?;
        }
    }
    Ok(())
}

/// One metric, with a value for each set of labels.
struct Family<'a>(MetricEncoder<'a>);

impl<'a> Family<'a> {
    fn counters(
        encoder: &'a mut DescriptorEncoder<'_>,
        name: &'a str,
        help: &str,
        unit: Option<&'a Unit>,
    ) -> Result<Self, fmt::Error> {
        let metric = encoder.encode_descriptor(name, help, unit, MetricType::Counter)?;
        Ok(Self(metric))
    }

    fn gauges(
        encoder: &'a mut DescriptorEncoder<'_>,
        name: &'a str,
        help: &str,
    ) -> Result<Self, fmt::Error> {
        let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        Ok(Self(metric))
    }

    fn count(&mut self, labels: Labels, value: f64) -> fmt::Result {
        let mut metric = self.0.encode_family(&labels)?;
        metric.encode_counter::<NoLabelSet, f64, f64>(&value, None)
    }

    fn gauge(&mut self, labels: Labels, value: f64) -> fmt::Result {
        self.0.encode_family(&labels)?.encode_gauge(&value)
    }
}
