use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::after::AfterResponse;
use crate::http::extract::{Json, OnExisting, OptionalJson};
use crate::http::problem::{Problem, kind, may_answer};

/// Who logs in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// The person's name; by default the local person's.
    #[schemars(example = &"local")]
    username: Option<String>,
}

/// The answer to a successful login.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LoggedIn {
    /// "Login successful".
    #[schemars(example = "Login successful")]
    message: &'static str,
}

pub(super) async fn login(
    State(app): State<App>,
    after: AfterResponse,
    _: OnExisting,
    OptionalJson(login): OptionalJson<Login>,
) -> Result<Json<LoggedIn>, Problem> {
    let name = login.and_then(|login| login.username);
    let mut users = app.db.list_users().await?.into_iter();
    let user = users.find(|user| name.as_ref().is_none_or(|name| *name == user.name));
    let Some(user) = user else {
        let detail = "without accounts, only the local person can log in: leave `username` out";
        return Err(Problem::new(&kind::LOGIN_REFUSED, detail));
    };
    after.log("user-logged-in", move || {
        tracing::info!(user = user.name, "User logged in");
    });
    Ok(Json(LoggedIn {
        message: "Login successful",
    }))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("login")
        .tag("users")
        .summary("Log in")
        .description("Without accounts it lets the local person in; \"User logged in\" is logged afterwards.")
        .with(may_answer(&kind::LOGIN_REFUSED))
}
