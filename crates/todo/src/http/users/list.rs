use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::App;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::http::value::UserId;

/// The people who use the service.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Users {
    /// The people, by name.
    users: Vec<UserView>,
}

/// A person, as clients see them.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
struct UserView {
    /// The person's id, a UUID (RFC 9562).
    id: UserId,
    /// The person's name.
    #[schemars(example = &"local")]
    name: String,
}

pub(super) async fn list(State(app): State<App>) -> Result<Json<Users>, Problem> {
    let users = app.db.list_users().await?.into_iter();
    let users = users.map(|user| UserView {
        id: UserId(user.id),
        name: user.name,
    });
    Ok(Json(Users {
        users: users.collect(),
    }))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("listUsers")
        .tag("users")
        .summary("List the people who use the service")
        .description("Without accounts there is one: the local person.")
}
