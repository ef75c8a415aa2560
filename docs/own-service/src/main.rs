//! A service on Sabr, with each kind of endpoint once.

use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use sabr::{BackgroundTasks, NotRun, Overloaded, Sabr, compute, finish, sync, wait};
use tokio::net::TcpListener;

/// Waits, so it is an `async fn`. The label names the wait in the ledger.
async fn read_user(Path(id): Path<u64>) -> Result<Json<String>, AppError> {
    if id == 0 {
        return Err(AppError::NotFound);
    }
    wait("db", tokio::time::sleep(Duration::from_millis(5))).await; // a query
    Ok(Json(format!("user {id}")))
}

/// Does not wait, so it is a plain `fn`.
fn square(Path(n): Path<u32>) -> Json<u64> {
    Json(u64::from(n) * u64::from(n))
}

/// Has one heavy step, which runs on a thread.
async fn digest(body: String) -> Result<Json<u64>, AppError> {
    let sum = compute(move || body.bytes().map(u64::from).sum()).await?;
    Ok(Json(sum))
}

/// Writes, so it runs to its end. The mail is sent after the response.
async fn sign_up(tasks: BackgroundTasks) -> Result<StatusCode, AppError> {
    tasks.add(async { println!("welcome") })?;
    Ok(StatusCode::CREATED)
}

/// The errors that a handler returns with `?`.
enum AppError {
    NotFound,
    /// A pool or the task backlog is full. The response says when to try again.
    Busy(NotRun),
}

impl From<NotRun> for AppError {
    fn from(error: NotRun) -> Self {
        Self::Busy(error)
    }
}

impl From<Overloaded> for AppError {
    fn from(error: Overloaded) -> Self {
        Self::Busy(error.into())
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "there is no such user").into_response(),
            Self::Busy(error) => error.into_response(),
        }
    }
}

fn app(sabr: &Sabr) -> Router {
    Router::new()
        .route("/users/{id}", get(read_user))
        .route("/square/{n}", get(sync(square)))
        .route("/digest", post(digest))
        .route("/users", post(finish(sign_up)))
        .nest("/_sabr", sabr.ledger().page().into_router())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::fmt().init();
    let sabr = Sabr::builder().build();
    let listener = TcpListener::bind("127.0.0.1:8000").await?;
    sabr.serve(listener, app(&sabr)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn no_endpoint_blocks_the_event_loop() {
        let sabr = Sabr::default();
        // `serve` adds the layer by itself.
        let app = app(&sabr).layer(sabr.layer());
        for (method, path) in [
            ("GET", "/users/7"),
            ("GET", "/square/7"),
            ("POST", "/digest"),
            ("POST", "/users"),
        ] {
            let request = Request::builder().method(method).uri(path);
            let request = request.body(Body::from("text")).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            assert!(response.status().is_success(), "{method} {path}");
            // A stream is polled only while it is read.
            response.into_body().collect().await.unwrap();
        }
        sabr.ledger().assert_never_blocks();
    }
}
