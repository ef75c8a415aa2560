//! Create, read, change and delete. Writes run to their end even if the client disconnects.
//!
//! FastAPI:
//!
//! ```python
//! @app.post("/todos", status_code=201)
//! async def create(todo: Todo) -> Todo: ...
//! ```
//!
//! `cargo run -p sabr --example crud`, then
//! `curl -H 'content-type: application/json' -d '{"title":"learn Rust"}' localhost:8000/todos/1 -X
//! PUT`

mod listen;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use sabr::{Sabr, finish, sync};
use serde::{Deserialize, Serialize};

use self::listen::listen;

#[derive(Clone, Serialize, Deserialize)]
struct Todo {
    title: String,
    #[serde(default)]
    done: bool,
}

#[derive(Clone, Default)]
struct Todos(Arc<Mutex<BTreeMap<u64, Todo>>>);

impl Todos {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Todo>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads are plain functions, because they wait for nothing. They are short, so they soon run in
/// place.
fn list(State(todos): State<Todos>) -> Json<BTreeMap<u64, Todo>> {
    Json(todos.lock().clone())
}

fn read(State(todos): State<Todos>, Path(id): Path<u64>) -> Result<Json<Todo>, StatusCode> {
    let todo = todos.lock().get(&id).cloned();
    todo.map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn write(State(todos): State<Todos>, Path(id): Path<u64>, todo: Json<Todo>) -> StatusCode {
    match todos.lock().insert(id, todo.0) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::CREATED,
    }
}

async fn delete(State(todos): State<Todos>, Path(id): Path<u64>) -> StatusCode {
    match todos.lock().remove(&id) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}

pub(crate) fn app() -> Router {
    let one = get(sync(read)).put(finish(write)).delete(finish(delete));
    Router::new()
        .route("/todos", get(sync(list)))
        .route("/todos/{id}", one)
        .with_state(Todos::default())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await;
    Sabr::default().serve(listener, app()).await?;
    Ok(())
}
