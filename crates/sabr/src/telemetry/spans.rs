//! A span for each request that has ended, and one for each of its labelled waits.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::Tracer;
use sabr_ledger::Meter;

use super::Parent;
use super::attributes::Request;
use super::request_span::RequestSpan;

type Emit = Box<dyn Fn(&RequestSpan<'_>, &Context) + Send + Sync>;

/// The settings for turning requests into spans, for
/// [`Ledger::register_spans`](crate::Ledger::register_spans).
///
/// A request is one span of the kind `SERVER`, named `GET /todos/{id}` (`GET` if it matched no
/// route), from its head to the last byte of its response. The span has the attributes of the
/// semantic conventions: `http.request.method`, `url.path` without the query and up to 1024 bytes,
/// `http.route`, `http.response.status_code` and, if the request failed, `error.type`. The status
/// of the span is an error if the request was answered with 500 or above, broke, panicked, or was
/// cancelled because its client disconnected. Further attributes:
///
/// | Attribute | What |
/// |---|---|
/// | `sabr.phase.waiting`, `sabr.phase.computing`, … | seconds in each [`Phase`](crate::ledger::Phase) that there was any of; together the duration |
/// | `sabr.waits_over_bound` | labelled waits that have no span, if there are any |
///
/// Each of its [labelled waits](crate::wait) is a child of the kind `INTERNAL`, named as the label,
/// from the first poll to the end, with `sabr.wait.finished` (whether it came to its end) and
/// `sabr.wait.depth` (how many labelled waits it is inside of). There are at most 64 for a request.
///
/// A span is made when its request has ended, so spans that the handler makes itself can be its
/// siblings, but not its children. `url.scheme` is left out: a service behind a proxy does not know
/// it.
///
/// ```
/// use axum::{Router, body::Body, extract::Request, routing::get};
/// use opentelemetry::trace::TracerProvider;
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
/// use sabr::ledger::RequestSpans;
/// use sabr::{Sabr, wait};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // In the place of one that sends them.
/// let exporter = InMemorySpanExporter::default();
/// let provider = SdkTracerProvider::builder()
///     .with_batch_exporter(exporter.clone())
///     .build();
/// let sabr = Sabr::default();
/// sabr.ledger()
///     .register_spans(RequestSpans::new(provider.tracer("todo")))?;
///
/// let todo = || wait("db", async { "buy milk" });
/// let app: Router = Router::new()
///     .route("/todos/{id}", get(todo))
///     .layer(sabr.layer());
/// let response = app.oneshot(Request::get("/todos/7").body(Body::empty())?).await?;
/// axum::body::to_bytes(response.into_body(), usize::MAX).await?;
///
/// provider.force_flush()?;
/// let spans = exporter.get_finished_spans()?;
/// let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
/// assert_eq!(names, ["db", "GET /todos/{id}"]);
/// # Ok(())
/// # }
/// ```
pub struct RequestSpans {
    emit: Emit,
    propagator: Option<Box<dyn TextMapPropagator + Send + Sync>>,
    only_kept: bool,
}

impl RequestSpans {
    /// Spans that `tracer` makes, each the first of a trace of its own.
    #[must_use]
    pub fn new(tracer: impl Tracer + Send + Sync + 'static) -> Self {
        Self {
            emit: Box::new(move |span, parent| span.emit(&tracer, parent)),
            propagator: None,
            only_kept: false,
        }
    }

    /// A span belongs to the trace that the head of its request names, as `propagator` reads it:
    /// `TraceContextPropagator` of the SDK reads W3C's `traceparent`.
    ///
    /// Any client can send this header. For requests from outside, let the sampler decide whether
    /// to trust it.
    ///
    /// ```
    /// use opentelemetry::trace::TracerProvider;
    /// use opentelemetry_sdk::propagation::TraceContextPropagator;
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    /// use sabr::ledger::RequestSpans;
    ///
    /// let tracer = SdkTracerProvider::default().tracer("todo");
    /// let spans = RequestSpans::new(tracer).with_propagator(TraceContextPropagator::new());
    /// ```
    #[must_use]
    pub fn with_propagator(
        mut self,
        propagator: impl TextMapPropagator + Send + Sync + 'static,
    ) -> Self {
        self.propagator = Some(Box::new(propagator));
        self
    }

    /// Only requests that the ledger keeps become spans. These are the requests of
    /// [`EndpointDetail::kept`](crate::ledger::snapshot::EndpointDetail::kept): requests that are
    /// among the five slowest of their endpoint in ten minutes when they end, and requests that
    /// failed or were cancelled, at most ten per second for each endpoint.
    ///
    /// ```
    /// use opentelemetry::trace::TracerProvider;
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    /// use sabr::ledger::RequestSpans;
    ///
    /// let tracer = SdkTracerProvider::default().tracer("todo");
    /// let spans = RequestSpans::new(tracer).only_kept();
    /// ```
    #[must_use]
    pub fn only_kept(mut self) -> Self {
        self.only_kept = true;
        self
    }

    pub(crate) fn parent(&self, head: &HeaderMap) -> Parent {
        let propagator = self.propagator.as_deref();
        propagator.map_or_else(Parent::default, |propagator| Parent::from(head, propagator))
    }

    pub(crate) fn emit(&self, request: &Request<'_>, meter: &Meter, parent: &Parent) {
        if self.only_kept && !request.closed.kept {
            return;
        }
        let (phases, waits) = meter.so_far();
        let length = Duration::from_nanos(request.closed.duration);
        let began = SystemTime::now().checked_sub(length);
        let span = RequestSpan {
            request,
            phases,
            waits,
            began: began.unwrap_or(SystemTime::UNIX_EPOCH),
        };
        (self.emit)(&span, &parent.context());
    }
}

impl fmt::Debug for RequestSpans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSpans")
            .field("propagator", &self.propagator)
            .field("only_kept", &self.only_kept)
            .finish_non_exhaustive()
    }
}
