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

/// How long the database may take to report that it is ready. Why: the caller of a readiness probe
/// waits about this long, and a write may wait for a lock much longer.
const CHECK_MAX: Duration = Duration::from_secs(1);

/// How the service is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Health {
    /// "ok".
    #[schemars(example = &"ok")]
    status: &'static str,
}

/// Whether the process lives: it answers.
pub(super) fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether requests can be answered: writes can be carried out.
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
        .summary("Whether the service lives")
        .description(
            "It answers, whatever the database does. For what restarts a service that hangs.",
        )
}

pub(super) fn readyz_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("readyz")
        .tag("system")
        .summary("Whether the service can answer requests")
        .description("Asks the database whether it takes writes, and answers within about a second. 503 while another program holds it locked, its disk is full, or its file is read-only, damaged or gone.")
        .with(may_answer(&kind::NOT_READY))
}
