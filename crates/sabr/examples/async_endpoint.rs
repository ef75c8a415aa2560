//! An async endpoint. While it waits, its thread runs other tasks.
//!
//! FastAPI:
//!
//! ```python
//! @app.get("/items/{item_id}")
//! async def read_item(item_id: int, q: str | None = None):
//!     return {"item_id": item_id, "q": q}
//! ```
//!
//! `cargo run -p sabr --example async_endpoint`, then `curl 'localhost:8000/items/5?q=hello'`

mod listen;

use axum::extract::{Path, Query};
use axum::routing::get;
use axum::{Json, Router};
use sabr::Sabr;
use serde::{Deserialize, Serialize};

use self::listen::listen;

#[derive(Deserialize)]
struct Filter {
    q: Option<String>,
}

#[derive(Serialize)]
struct Item {
    item_id: u64,
    q: Option<String>,
}

async fn read_item(Path(item_id): Path<u64>, Query(filter): Query<Filter>) -> Json<Item> {
    let q = filter.q;
    Json(Item { item_id, q })
}

pub(crate) fn app() -> Router {
    Router::new().route("/items/{item_id}", get(read_item))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await;
    Sabr::default().serve(listener, app()).await?;
    Ok(())
}
