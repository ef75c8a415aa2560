use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use aide::transform::TransformOperation;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use sabr::ledger::MetricsFormat;

use crate::http::{App, doc};

/// The figures of the ledger, as text in one of Prometheus' formats.
#[derive(Debug)]
pub(super) struct Metrics {
    format: MetricsFormat,
    text: String,
}

/// Answers with the ledger, in the format that `Accept` prefers.
pub(super) fn metrics(State(app): State<App>, headers: HeaderMap) -> Metrics {
    let accept = headers.get_all(header::ACCEPT).iter();
    let accept: Vec<_> = accept.filter_map(|value| value.to_str().ok()).collect();
    let format = MetricsFormat::preferred(&accept.join(","));
    Metrics {
        format,
        text: app.sabr.ledger().metrics(format),
    }
}

pub(super) fn metrics_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("metrics")
        .tag("system")
        .summary("What was measured, for Prometheus")
        .description(
            "Durations of requests by route and status, their time by phase, pools, tasks and group commits. The format is \
            OpenMetrics if `Accept` asks for it, otherwise Prometheus' text format.",
        )
}

impl IntoResponse for Metrics {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.format.media_type()),
            (header::VARY, "accept"),
        ];
        (headers, self.text).into_response()
    }
}

impl OperationOutput for Metrics {
    type Inner = String;

    fn operation_response(_: &mut GenContext, _: &mut Operation) -> Option<ResponseDoc> {
        let content = ["text/plain", "application/openmetrics-text"].map(|media_type| {
            let example = "# HELP sabr_pool_queue Jobs that wait for a thread\n";
            (media_type.to_owned(), doc::text(example))
        });
        Some(ResponseDoc {
            description: "OK".to_owned(),
            content: content.into_iter().collect(),
            ..ResponseDoc::default()
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        let metrics = Self::operation_response(ctx, operation);
        metrics
            .map(|metrics| (Some(200), metrics))
            .into_iter()
            .collect()
    }
}
