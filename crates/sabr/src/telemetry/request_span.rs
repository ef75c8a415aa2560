//! One request as a span, with a child for each of its labelled waits.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use super::attributes::{Attributes, METHOD, OTHER, ROUTE, Request};
use sabr_ledger::{LoggedWait, Phase, Phases, RequestOutcome, WaitLog, seconds};

/// The most bytes of a path or a method, which clients choose freely.
const MAX_BYTES: usize = 1024;

/// The data of one request's span.
pub(crate) struct RequestSpan<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) phases: Phases,
    pub(crate) waits: WaitLog,
    pub(crate) began: SystemTime,
}

impl RequestSpan<'_> {
    pub(crate) fn emit(&self, tracer: &impl Tracer, parent: &Context) {
        let builder = SpanBuilder::from_name(self.name())
            .with_kind(SpanKind::Server)
            .with_start_time(self.began)
            .with_attributes(self.attributes_for_samplers());
        let mut span = tracer.build_with_context(builder, parent);
        if span.is_recording() {
            span.set_attributes(self.further_attributes());
            span.set_status(self.status());
            let inside = parent.with_remote_span_context(span.span_context().clone());
            for wait in self.waits.waits() {
                self.emit_wait(wait, tracer, &inside);
            }
        }
        span.end_with_timestamp(self.at(self.request.closed.duration));
    }

    fn emit_wait(&self, wait: &LoggedWait, tracer: &impl Tracer, inside: &Context) {
        let attributes = [
            KeyValue::new("sabr.wait.finished", wait.finished),
            KeyValue::new("sabr.wait.depth", i64::from(wait.depth)),
        ];
        let builder = SpanBuilder::from_name(wait.label)
            .with_kind(SpanKind::Internal)
            .with_start_time(self.at(wait.first_polled))
            .with_attributes(attributes);
        let mut span = tracer.build_with_context(builder, inside);
        span.end_with_timestamp(self.at(wait.ended));
    }

    /// Nanoseconds since the request began, as a time of day.
    fn at(&self, nanos: u64) -> SystemTime {
        let since = Duration::from_nanos(nanos);
        self.began.checked_add(since).unwrap_or(self.began)
    }

    fn name(&self) -> String {
        let method = match self.request.method {
            OTHER => "HTTP",
            method => method,
        };
        match self.request.route {
            Some(route) => format!("{method} {route}"),
            None => method.to_owned(),
        }
    }

    /// The attributes that samplers may decide by. The conventions want them at the creation of the
    /// span.
    fn attributes_for_samplers(&self) -> Vec<KeyValue> {
        let Request { method, .. } = *self.request;
        let mut known = vec![KeyValue::new(METHOD, method)];
        if let Some(route) = self.request.route {
            known.push(KeyValue::new(ROUTE, route.clone()));
        }
        if let Some(path) = self.request.path {
            known.push(KeyValue::new("url.path", bounded(path)));
        }
        if method == OTHER {
            let original = bounded(self.request.asked.as_str());
            known.push(KeyValue::new("http.request.method_original", original));
        }
        known
    }

    fn further_attributes(&self) -> Vec<KeyValue> {
        let attributes = Attributes::of(self.request);
        let known = [METHOD, ROUTE];
        let new = attributes.as_slice().iter();
        let mut found: Vec<_> = new
            .filter(|attribute| !known.contains(&attribute.key.as_str()))
            .cloned()
            .collect();
        for &phase in Phase::ALL {
            let nanos = self.phases.nanos(phase);
            if nanos > 0 {
                let name = format!("sabr.phase.{phase}");
                found.push(KeyValue::new(name, seconds(nanos)));
            }
        }
        if self.waits.omitted() > 0 {
            let over = i64::try_from(self.waits.omitted()).unwrap_or(i64::MAX);
            found.push(KeyValue::new("sabr.waits_over_bound", over));
        }
        found
    }

    fn status(&self) -> Status {
        match self.request.closed.outcome {
            RequestOutcome::Succeeded | RequestOutcome::Refused => Status::Unset,
            // The status attribute describes it.
            RequestOutcome::Failed if self.request.closed.status.is_some() => Status::error(""),
            RequestOutcome::Failed => Status::error("the body of the response broke"),
            RequestOutcome::Panicked => Status::error("the handler or the body panicked"),
            RequestOutcome::Cancelled => {
                Status::error("the client disconnected before the last byte")
            }
        }
    }
}

fn bounded(text: &str) -> String {
    // Not `floor_char_boundary`: it is newer than the minimum Rust version.
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
