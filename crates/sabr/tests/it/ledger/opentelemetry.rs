use std::convert::Infallible;
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use futures_util::future::join;
use futures_util::{FutureExt, StreamExt, stream};
use http::{HeaderValue, Method, Request, StatusCode};
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::{SpanKind, Status, TracerProvider};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, HistogramDataPoint, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use sabr::ledger::snapshot::Gauge;
use sabr::ledger::{Phase, RequestSpans};
use sabr::wait;
use tokio::sync::Notify;
use tower::ServiceExt;

use super::driven::{Driven, Time};
use crate::support::{fail, request};

/// The handler of `/` has two labelled waits, one inside the other, and then computes for 10 ms.
fn app(time: Time, events: [Arc<Notify>; 2]) -> Router {
    let waits = {
        let events = events.clone();
        || async move {
            let [first, second] = &events;
            wait("outer", async {
                first.notified().await;
                wait("inner", second.notified()).await;
            })
            .await;
            time.passes(10);
        }
    };
    let panics = || async { fail("on purpose") };
    let broken = || async {
        let error = Err::<Bytes, _>(std::io::Error::other("broken"));
        Body::from_stream(stream::iter([error]))
    };
    let pieces = || async {
        let pieces = stream::repeat(Ok::<_, Infallible>(Bytes::from("piece")));
        Body::from_stream(pieces)
    };
    let beside = || async move {
        let [first, second] = &events;
        join(
            wait("db", first.notified()),
            wait("mail", second.notified()),
        )
        .await;
    };
    Router::new()
        .route("/", get(waits))
        .route("/beside", get(beside))
        .route("/pieces", get(pieces))
        .route("/things/{id}", get(|| async { "thing" }))
        .route("/refused", get(|| async { StatusCode::CONFLICT }))
        .route("/failed", get(|| async { StatusCode::BAD_GATEWAY }))
        .route("/panics", get(panics))
        .route("/broken", get(broken))
}

struct Told {
    driven: Driven,
    events: [Arc<Notify>; 2],
    meters: SdkMeterProvider,
    metrics: InMemoryMetricExporter,
    tracers: SdkTracerProvider,
    spans: InMemorySpanExporter,
}

impl Told {
    fn nothing_yet() -> Self {
        let events = <[Arc<Notify>; 2]>::default();
        let inner = events.clone();
        let driven = Driven::new(|time| app(time, inner));
        let (metrics, spans) = (
            InMemoryMetricExporter::default(),
            InMemorySpanExporter::default(),
        );
        let reader = PeriodicReader::builder(metrics.clone()).build();
        let meters = SdkMeterProvider::builder().with_reader(reader).build();
        let tracers = SdkTracerProvider::builder().with_simple_exporter(spans.clone());
        Self {
            driven,
            events,
            meters,
            metrics,
            tracers: tracers.build(),
            spans,
        }
    }

    fn all() -> Self {
        let told = Self::nothing_yet();
        told.register_metrics();
        told.register_spans(|spans| spans);
        told
    }

    fn register_metrics(&self) {
        let meter = self.meters.meter("test");
        self.driven.sabr.ledger().register_metrics(&meter).unwrap();
    }

    fn register_spans(&self, with: impl FnOnce(RequestSpans) -> RequestSpans) {
        let spans = with(RequestSpans::new(self.tracers.tracer("test")));
        self.driven.sabr.ledger().register_spans(spans).unwrap();
    }

    /// Sends a request for `/`. Its waits take 20 ms and 30 ms.
    fn waits(&self) {
        let mut call = self.driven.call();
        call.is_pending();
        for (event, ms) in self.events.iter().zip([20, 30]) {
            self.driven.time.passes(ms);
            event.notify_one();
            if ms == 20 {
                call.is_pending();
            }
        }
        call.finish();
    }

    fn get(&self, path: &str) {
        self.ask(request(Method::GET, path));
    }

    fn ask(&self, request: Request<Body>) {
        self.driven.call_with(request).finish();
    }

    /// Collects, and calls `look` with the data and the unit of the metric.
    fn look<T>(&self, name: &str, look: impl FnOnce(&AggregatedMetrics, &str) -> T) -> Option<T> {
        self.metrics.reset();
        self.meters.force_flush().unwrap();
        let collected = self.metrics.get_finished_metrics().unwrap();
        let mut metrics = collected
            .iter()
            .flat_map(|resource| resource.scope_metrics())
            .flat_map(|scope| scope.metrics());
        let metric = metrics.find(|metric| metric.name() == name)?;
        Some(look(metric.data(), metric.unit()))
    }

    fn durations(&self) -> Vec<HistogramDataPoint<f64>> {
        let points = self.look("http.server.request.duration", |data, unit| {
            assert_eq!(unit, "s");
            let AggregatedMetrics::F64(MetricData::Histogram(histogram)) = data else {
                panic!("{data:?}");
            };
            histogram.data_points().cloned().collect()
        });
        points.unwrap_or_default()
    }

    /// The values of a sum or gauge, each with its sorted attributes.
    fn values(&self, name: &str) -> Vec<(String, f64)> {
        fn all<T: Copy>(data: &MetricData<T>, as_f64: impl Fn(T) -> f64) -> Vec<(String, f64)> {
            match data {
                MetricData::Sum(sum) => sum
                    .data_points()
                    .map(|point| (text(point.attributes()), as_f64(point.value())))
                    .collect(),
                MetricData::Gauge(gauge) => gauge
                    .data_points()
                    .map(|point| (text(point.attributes()), as_f64(point.value())))
                    .collect(),
                _ => panic!("neither a sum nor a gauge"),
            }
        }
        let values = self.look(name, |data, _| match data {
            AggregatedMetrics::F64(data) => all(data, |value| value),
            AggregatedMetrics::U64(data) => all(data, |value| value as f64),
            AggregatedMetrics::I64(data) => all(data, |value| value as f64),
        });
        values.unwrap_or_default()
    }

    #[track_caller]
    fn has(&self, name: &str, attributes: &str, expected: f64) {
        let values = self.values(name);
        let found = values.iter().find(|(found, _)| found == attributes);
        assert_eq!(
            found.map(|(_, value)| *value),
            Some(expected),
            "{name}: {values:?}"
        );
    }

    fn spans(&self) -> Vec<SpanData> {
        self.spans.get_finished_spans().unwrap()
    }

    /// The span of the request. There must be only one.
    #[track_caller]
    fn server(&self) -> SpanData {
        let mut spans = self.spans();
        spans.retain(|span| span.span_kind == SpanKind::Server);
        assert_eq!(spans.len(), 1);
        spans.remove(0)
    }
}

/// The attributes as text, sorted: `a=1 b=2`.
fn text<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> String {
    let mut all: Vec<_> = attributes
        .map(|attribute| format!("{}={}", attribute.key, attribute.value))
        .collect();
    all.sort();
    all.join(" ")
}

fn ms(from: SystemTime, to: SystemTime) -> u128 {
    to.duration_since(from).unwrap().as_millis()
}

#[test]
fn durations_have_the_name_the_boundaries_and_the_attributes_of_the_conventions() {
    let told = Told::all();
    told.waits();
    let durations = told.durations();
    assert_eq!(durations.len(), 1);
    let bounds: Vec<_> = durations[0].bounds().collect();
    let conventional = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];
    assert_eq!(bounds, conventional);
    assert_eq!(
        text(durations[0].attributes()),
        "http.request.method=GET http.response.status_code=200 http.route=/"
    );
    assert_eq!((durations[0].count(), durations[0].sum()), (1, 0.06));
    let counts: Vec<_> = durations[0].bucket_counts().collect();
    assert_eq!(counts[4], 1, "over 50 ms, up to 75: {counts:?}");
}

#[test]
fn every_end_has_its_status_and_its_error() {
    let brew = Method::from_bytes(b"BREW").unwrap();
    let check = |method: Method, path: &str, expected: &str, status: Status| {
        let told = Told::all();
        told.ask(request(method, path));
        let durations = told.durations();
        assert_eq!(text(durations[0].attributes()), expected, "{path}");
        let span = told.server();
        assert_eq!(span.status, status, "{path}");
        let attributes = text(span.attributes.iter());
        for attribute in expected.split(' ') {
            assert!(attributes.contains(attribute), "{path}: {attributes}");
        }
    };
    check(
        Method::GET,
        "/refused",
        "http.request.method=GET http.response.status_code=409 http.route=/refused",
        Status::Unset,
    );
    check(
        Method::GET,
        "/failed",
        "error.type=502 http.request.method=GET http.response.status_code=502 http.route=/failed",
        Status::error(""),
    );
    check(
        Method::GET,
        "/panics",
        "error.type=panicked http.request.method=GET http.response.status_code=500 http.route=/panics",
        Status::error("the handler or the body panicked"),
    );
    check(
        Method::GET,
        "/broken",
        "error.type=body http.request.method=GET http.route=/broken",
        Status::error("the body of the response broke"),
    );
    check(
        Method::POST,
        "/no/such",
        "http.request.method=POST http.response.status_code=404",
        Status::Unset,
    );
    check(
        brew,
        "/no/such",
        "http.request.method=_OTHER http.response.status_code=404",
        Status::Unset,
    );
}

#[test]
fn cancelled_request_has_an_error_and_no_status() {
    for path in ["/", "/pieces"] {
        let told = Told::all();
        let mut call = told.driven.call_with(request(Method::GET, path));
        if let Poll::Ready(response) = call.poll() {
            // The client has the head and one piece, and disconnects.
            let mut body = response.into_body().into_data_stream();
            assert!(body.next().now_or_never().is_some());
        }
        drop(call);
        let expected = format!("error.type=cancelled http.request.method=GET http.route={path}");
        assert_eq!(text(told.durations()[0].attributes()), expected);
        let span = told.server();
        assert!(matches!(span.status, Status::Error { .. }));
        assert!(!text(span.attributes.iter()).contains("status_code"));
    }
}

#[test]
fn phases_add_up_to_the_durations() {
    let told = Told::all();
    told.waits();
    told.get("/things/1");
    told.waits();
    let phases = told.values("sabr.request.phase");
    assert_eq!(phases.len(), 2 * Phase::ALL.len());
    let phases: f64 = phases.iter().map(|(_, seconds)| seconds).sum();
    let durations: f64 = told.durations().iter().map(|point| point.sum()).sum();
    assert!((phases - durations).abs() < 1e-9, "{phases} {durations}");
    assert!((durations - 0.12).abs() < 1e-9);
    told.has(
        "sabr.request.phase",
        "http.request.method=GET http.route=/ sabr.phase=computing",
        0.02,
    );
    told.has(
        "sabr.wait",
        "http.request.method=GET http.route=/ sabr.label=inner",
        0.06,
    );
}

#[test]
fn what_the_ledger_adds_up_is_read_when_somebody_collects() {
    let told = Told::all();
    told.driven
        .sabr
        .ledger()
        .show("Coffee", || vec![Gauge::new("cups", 3.0, "")]);
    let mut call = told.driven.call();
    call.is_pending();
    let mut other = told.driven.call_with(request(Method::GET, "/beside"));
    other.is_pending();
    let at_root = "http.request.method=GET http.route=/";
    told.has(
        "http.server.active_requests",
        "http.request.method=GET",
        2.0,
    );
    told.has("sabr.requests.in_flight", at_root, 1.0);
    drop((call, other));
    told.has(
        "http.server.active_requests",
        "http.request.method=GET",
        0.0,
    );
    told.has("sabr.requests.in_flight", at_root, 0.0);
    let verdict = format!("{at_root} sabr.verdict=too early to say");
    told.has("sabr.verdict", &verdict, 1.0);
    let busy = "sabr.pool=compute sabr.state=busy";
    told.has("sabr.pool.threads", busy, 0.0);
    told.has("sabr.pool.queue", "sabr.pool=compute", 0.0);
    let finished = "sabr.pool=compute sabr.state=finished";
    told.has("sabr.pool.jobs", finished, 0.0);
    told.has("sabr.pool.queue_time", "sabr.pool=compute", 0.0);
    told.has("sabr.tasks.live", "sabr.state=running", 0.0);
    told.has("sabr.tasks", "sabr.state=done", 0.0);
    told.has("sabr.stalls", "", 0.0);
    let cups = "sabr.group=Coffee sabr.name=cups sabr.unit=";
    told.has("sabr.app", cups, 3.0);
}

#[test]
fn request_is_a_span_of_its_length_with_its_phases() {
    let told = Told::all();
    told.waits();
    let span = told.server();
    assert_eq!(span.name, "GET /");
    assert_eq!(ms(span.start_time, span.end_time), 60);
    assert_eq!(span.status, Status::Unset);
    assert!(!span.span_context.trace_state().header().contains('='));
    let mut phases = 0.0;
    for KeyValue { key, value, .. } in &span.attributes {
        if let (Some(_), Value::F64(seconds)) = (key.as_str().strip_prefix("sabr.phase."), value) {
            phases += seconds;
        }
    }
    assert!((phases - 0.06_f64).abs() < 1e-9, "{:?}", span.attributes);
}

#[test]
fn waits_are_spans_inside_of_their_request() {
    let told = Told::all();
    told.waits();
    let request = told.server();
    let waits: Vec<_> = told
        .spans()
        .into_iter()
        .filter(|span| span.span_kind == SpanKind::Internal)
        .collect();
    let seen: Vec<_> = waits
        .iter()
        .map(|wait| {
            let from = ms(request.start_time, wait.start_time);
            let to = ms(request.start_time, wait.end_time);
            (&*wait.name, from, to, text(wait.attributes.iter()))
        })
        .collect();
    let depth = |depth| format!("sabr.wait.depth={depth} sabr.wait.finished=true");
    let expected = [("outer", 0, 50, depth(0)), ("inner", 20, 50, depth(1))];
    assert_eq!(seen, expected);
    for wait in &waits {
        assert_eq!(wait.parent_span_id, request.span_context.span_id());
        assert!(!wait.parent_span_is_remote);
        assert_eq!(
            wait.span_context.trace_id(),
            request.span_context.trace_id()
        );
        assert!(request.start_time <= wait.start_time && wait.end_time <= request.end_time);
    }
}

#[test]
fn wait_of_a_cancelled_request_ends_with_it() {
    let told = Told::all();
    let mut call = told.driven.call_with(request(Method::GET, "/beside"));
    call.is_pending();
    told.driven.time.passes(5);
    told.events[0].notify_one();
    call.is_pending();
    told.driven.time.passes(5);
    drop(call);
    let request = told.server();
    let waits = told.spans();
    let waits: Vec<_> = waits
        .iter()
        .filter(|span| span.span_kind == SpanKind::Internal)
        .map(|wait| {
            let finished = text(wait.attributes.iter()).ends_with("=true");
            (&*wait.name, ms(request.start_time, wait.end_time), finished)
        })
        .collect();
    assert_eq!(waits, [("db", 5, true), ("mail", 10, false)]);
}

#[test]
fn parent_is_the_one_that_the_head_names() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";
    let with = |traceparent: &str| {
        let mut request = request(Method::GET, "/things/1");
        let value = HeaderValue::from_str(traceparent).unwrap();
        request.headers_mut().insert("traceparent", value);
        request
    };
    let valid = format!("00-{TRACE}-{SPAN}-01");
    for (traceparent, read, named) in [
        (valid.as_str(), true, true),
        (valid.as_str(), false, false),
        ("00-not-a-trace", true, false),
    ] {
        let told = Told::nothing_yet();
        told.register_spans(|spans| match read {
            true => spans.with_propagator(TraceContextPropagator::new()),
            false => spans,
        });
        told.ask(with(traceparent));
        let span = told.server();
        let trace = span.span_context.trace_id().to_string();
        assert_eq!(trace == TRACE, named, "{traceparent}");
        assert_eq!(span.parent_span_id.to_string() == SPAN, named);
        assert_eq!(span.parent_span_is_remote, named);
    }
    // The caller does not sample its trace.
    let told = Told::nothing_yet();
    told.register_spans(|spans| spans.with_propagator(TraceContextPropagator::new()));
    told.ask(with(&format!("00-{TRACE}-{SPAN}-00")));
    assert!(told.spans().is_empty());
}

#[test]
fn path_is_told_without_the_query_and_up_to_a_bound() {
    let told = Told::all();
    told.get(&format!("/things/{}?secret=1", "x".repeat(3000)));
    let span = told.server();
    assert_eq!(span.name, "GET /things/{id}");
    let mut attributes = span.attributes.iter();
    let path = attributes
        .find(|attribute| attribute.key.as_str() == "url.path")
        .unwrap();
    assert_eq!(path.value.as_str().len(), 1024);
    assert!(!text(span.attributes.iter()).contains("secret"));
}

#[test]
fn only_kept_requests_are_spans_if_one_says_so() {
    let told = Told::nothing_yet();
    told.register_spans(RequestSpans::only_kept);
    for _ in 0..20 {
        told.get("/things/1");
    }
    assert_eq!(told.spans().len(), 5, "the slowest of one endpoint");
    for _ in 0..20 {
        told.get("/failed");
    }
    assert_eq!(told.spans().len(), 6, "one failed in a tenth of a second");
}

#[test]
fn nothing_is_told_before_somebody_registers() {
    let told = Told::nothing_yet();
    told.waits();
    assert!(told.durations().is_empty());
    assert!(told.spans().is_empty());
    told.register_metrics();
    told.register_spans(|spans| spans);
    assert!(told.durations().is_empty());
    assert!(told.spans().is_empty());
    told.get("/things/1");
    assert_eq!(told.durations().len(), 1);
    assert_eq!(told.spans().len(), 1);
}

#[test]
fn second_registration_is_refused_and_changes_nothing() {
    let told = Told::all();
    let ledger = told.driven.sabr.ledger();
    let meter = told.meters.meter("other");
    ledger.register_metrics(&meter).unwrap_err();
    let again = RequestSpans::new(told.tracers.tracer("other"));
    ledger.register_spans(again).unwrap_err();
    told.get("/things/1");
    assert_eq!(told.spans().len(), 1);
    assert_eq!(told.durations()[0].count(), 1);
}

#[tokio::test]
async fn requests_to_the_page_of_the_ledger_are_not_told() {
    let told = Told::all();
    let page = told.driven.sabr.ledger().page().guard(|_| true);
    let app = Router::new()
        .nest("/_sabr", page.into_router())
        .layer(told.driven.sabr.layer());
    let asked = app.oneshot(request(Method::GET, "/_sabr/ledger.json"));
    assert_eq!(asked.await.unwrap().status(), StatusCode::OK);
    assert!(told.durations().is_empty());
    assert!(told.spans().is_empty());
}
