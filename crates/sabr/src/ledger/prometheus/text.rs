//! Prometheus' own text format, which `prometheus-client` does not write.

/// Rewrites OpenMetrics as Prometheus text 0.0.4.
///
/// Samples look the same in both formats. Their descriptions differ: OpenMetrics omits `_total`
/// from the name of a counter, and has units and an end marker, which the older format lacks. The
/// ledger has counters, gauges and histograms, and no exemplars.
pub(super) fn from_open_metrics(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut lines = open_metrics.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        let name = line
            .strip_prefix("# HELP ")
            .or(line.strip_prefix("# TYPE "));
        let name = name.and_then(|rest| rest.split_once(' '));
        let Some((name, rest)) = name else {
            text.extend([line, "\n"]);
            continue;
        };
        // The help of a metric stands before its type.
        let r#type = match lines.peek() {
            Some(next) if line.starts_with("# HELP ") => next,
            _ => line,
        };
        let suffix = if r#type.ends_with(" counter") {
            "_total"
        } else {
            ""
        };
        text.extend([&line[.."# HELP ".len()], name, suffix, " ", rest, "\n"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::metrics::family::Family;
    use prometheus_client::metrics::gauge::Gauge;
    use prometheus_client::metrics::histogram::Histogram;
    use prometheus_client::registry::{Registry, Unit};

    use super::*;

    #[test]
    fn a_registry_reads_as_prometheus_text() {
        let mut registry = Registry::default();
        let seconds: Family<Vec<(&str, &str)>, Counter<f64, std::sync::atomic::AtomicU64>> =
            Family::default();
        let labels = vec![("route", "# EOF \"\\\n")];
        seconds.get_or_create(&labels).inc_by(0.5);
        registry.register_with_unit("waits", "Time of a counter", Unit::Seconds, seconds);
        registry.register("jobs", "Ends with counter", Gauge::<i64>::default());
        let histogram = Histogram::new([1.0]);
        histogram.observe(0.5);
        registry.register_with_unit("time", "By size", Unit::Seconds, histogram);
        registry.register("errors", "Failures", Counter::<u64>::default());
        let mut open_metrics = String::new();
        encode(&mut open_metrics, &registry).unwrap();

        let expected = r##"# HELP waits_seconds_total Time of a counter.
# TYPE waits_seconds_total counter
waits_seconds_total{route="# EOF \"\\\n"} 0.5
# HELP jobs Ends with counter.
# TYPE jobs gauge
jobs 0
# HELP time_seconds By size.
# TYPE time_seconds histogram
time_seconds_sum 0.5
time_seconds_count 1
time_seconds_bucket{le="1.0"} 1
time_seconds_bucket{le="+Inf"} 1
# HELP errors_total Failures.
# TYPE errors_total counter
errors_total 0
"##;
        assert_eq!(from_open_metrics(&open_metrics), expected);
    }
}
