//! Work after the response: the mail is sent when the client has its answer.
//!
//! FastAPI:
//!
//! ```python
//! @app.post("/notify/{email}")
//! async def notify(email: str, background_tasks: BackgroundTasks):
//!     background_tasks.add_task(send_mail, email)
//!     return {"message": "Notification sent in the background"}
//! ```
//!
//! `cargo run -p sabr --example background_task`, then
//! `curl -X POST localhost:8000/notify/ada@example.org`. Press Ctrl-C at once: the mail is still
//! sent.

mod listen;

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use sabr::{BackgroundTasks, Overloaded, Sabr, TaskId};

use self::listen::listen;

async fn send_mail(email: String) -> Result<(), String> {
    if !email.contains('@') {
        return Err(format!("{email} is no address"));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    println!("mail sent to {email}");
    Ok(())
}

async fn notify(
    Path(email): Path<String>,
    tasks: BackgroundTasks,
) -> Result<(StatusCode, String), Overloaded> {
    let id = tasks.named("mail").add(send_mail(email))?;
    Ok((StatusCode::ACCEPTED, format!("/tasks/{id}\n")))
}

async fn status(Path(id): Path<String>, tasks: BackgroundTasks) -> Result<String, StatusCode> {
    let id: TaskId = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let state = tasks.state(id).ok_or(StatusCode::NOT_FOUND)?;
    Ok(format!("{state}\n"))
}

pub(crate) fn app() -> Router {
    Router::new()
        .route("/notify/{email}", post(notify))
        .route("/tasks/{id}", get(status))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await;
    let report = Sabr::default().serve(listener, app()).await?;
    println!("{report}");
    Ok(())
}
