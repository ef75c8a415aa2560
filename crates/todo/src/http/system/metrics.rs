use aide::transform::TransformOperation;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use sabr::ledger::OPEN_METRICS;

use crate::http::App;

/// The ledger, for Prometheus.
pub(super) fn metrics(State(app): State<App>) -> Response {
    let metrics = app.sabr.ledger().open_metrics();
    ([(CONTENT_TYPE, OPEN_METRICS)], metrics).into_response()
}

pub(super) fn metrics_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("metrics")
        .tag("system")
        .summary("What was measured, for Prometheus")
        .description("OpenMetrics text: durations of requests by route and status, their time by phase, pools, tasks, group commits.")
}
