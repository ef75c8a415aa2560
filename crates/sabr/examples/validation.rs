//! A rule of one's own: a type that `serde` makes only from what keeps the rule.
//!
//! FastAPI:
//!
//! ```python
//! class NewUser(BaseModel):
//!     name: Annotated[str, Field(min_length=1, max_length=40)]
//! ```
//!
//! `cargo run -p sabr --example validation`, then
//! `curl -H 'content-type: application/json' -d '{"name":""}' localhost:8000/users`

mod listen;

use axum::routing::post;
use axum::{Json, Router};
use sabr::{Sabr, sync};
use serde::Deserialize;

use self::listen::listen;

/// A name that keeps the rule. A handler cannot receive another one.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.chars().count() {
            1..=40 => Ok(Self(name)),
            _ => Err("write 1 to 40 characters"),
        }
    }
}

#[derive(Deserialize)]
struct NewUser {
    name: Name,
}

fn greet(Json(user): Json<NewUser>) -> String {
    format!("hello {}\n", user.name.0)
}

pub(crate) fn app() -> Router {
    Router::new().route("/users", post(sync(greet)))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await;
    Sabr::default().serve(listener, app()).await?;
    Ok(())
}
