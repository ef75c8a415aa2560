//! A sync endpoint: a plain function, which runs on a pool or in place.
//!
//! FastAPI:
//!
//! ```python
//! @app.get("/primes/{n}")
//! def primes(n: int):
//!     return sum(1 for i in range(2, n) if all(i % d for d in range(2, i)))
//! ```
//!
//! `cargo run -p sabr --example sync_endpoint`, then `curl localhost:8000/primes/10000` and
//! `curl localhost:8000/where`

mod listen;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use sabr::{ClientGone, Sabr, sync};

use self::listen::listen;

/// Counts the primes below `n`. Stops early if the client disconnects.
fn primes(Path(n): Path<u32>, client: ClientGone) -> Json<usize> {
    let numbers = (2..n).take_while(|_| !client.is_gone());
    Json(numbers.filter(|i| (2..*i).all(|d| i % d != 0)).count())
}

/// Where each sync endpoint runs now, and why.
fn places(State(sabr): State<Sabr>) -> String {
    let endpoints = sabr.endpoints().into_iter();
    let line = |e: sabr::EndpointStats| format!("{} {:?} {:?}\n", e.name, e.place, e.reason);
    endpoints.map(line).collect()
}

pub(crate) fn app(sabr: Sabr) -> Router {
    Router::new()
        .route("/primes/{n}", get(sync(primes)))
        .route("/where", get(sync(places)))
        .with_state(sabr)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let sabr = Sabr::default();
    let listener = listen().await;
    sabr.serve(listener, app(sabr.clone())).await?;
    Ok(())
}
