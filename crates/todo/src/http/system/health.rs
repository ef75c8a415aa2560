use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::App;
use crate::http::extract::Json;
use crate::http::problem::{Problem, kind};

/// How the service is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Health {
    /// "ok".
    status: &'static str,
}

/// Whether the process lives: it answers.
pub(super) fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether requests can be answered: the database does.
pub(super) async fn readyz(State(app): State<App>) -> Result<Json<Health>, Problem> {
    match app.store.ping().await {
        Ok(()) => Ok(Json(Health { status: "ok" })),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(Problem::new(
                &kind::NOT_READY,
                "the database does not answer",
            ))
        }
    }
}

pub(super) fn healthz_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("healthz")
        .tag("system")
        .summary("Whether the service lives")
}

pub(super) fn readyz_doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("readyz")
        .tag("system")
        .summary("Whether the service can answer requests")
        .response_with::<503, Problem, _>(|response| response.description("Not ready"))
}
