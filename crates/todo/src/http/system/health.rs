use std::time::Duration;

use aide::transform::TransformOperation;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

use crate::http::App;
use crate::http::extract::Json;
use crate::http::problem::{Problem, kind, may_answer};

/// How long the database may take to report that it is ready. Why: a readiness probe waits about
/// this long, but a write may wait for a lock much longer.
const CHECK_MAX: Duration = Duration::from_secs(1);

/// The state of the service.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Health {
    /// "ok".
    #[schemars(example = &"ok")]
    status: &'static str,
}

/// Liveness: an answer shows that the process is alive.
pub(super) fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Readiness: an answer of 200 shows that writes can be carried out.
pub(super) async fn readyz(State(app): State<App>) -> Result<Json<Health>, Problem> {
    let checked = timeout(CHECK_MAX, app.db.check()).await;
    let detail = match checked {
        Ok(Ok(())) => return Ok(Json(Health { status: "ok" })),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            error.reason()
        }
        Err(_) => {
            tracing::warn!("not ready: no answer from the database within {CHECK_MAX:?}");
            "the database did not answer in time; most often another program holds it locked"
        }
    };
    Err(Problem::new(&kind::NOT_READY, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("1")))
}

pub(super) fn healthz_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("healthz")
        .tag("system")
        .summary("Whether the service is alive")
        .description(
            "Answers whatever the state of the database. For supervisors that restart a service that hangs.",
        )
}

pub(super) fn readyz_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("readyz")
        .tag("system")
        .summary("Whether the service can answer requests")
        .description("Asks the database whether it accepts writes, and answers within about a second. The answer is 503 while another program holds the database locked, the disk is full, or the file is read-only, damaged or missing.")
        .with(may_answer(&kind::NOT_READY))
}
