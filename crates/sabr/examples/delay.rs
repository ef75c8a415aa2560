//! Three ways to wait: on the event loop, on a thread of a pool, and in a blocking call of an async
//! handler.
//!
//! FastAPI:
//!
//! ```python
//! @app.get("/async")
//! async def waits():
//!     await asyncio.sleep(1)
//!
//! @app.get("/sync")
//! def blocks():
//!     time.sleep(1)
//! ```
//!
//! `cargo run -p sabr --example delay`, then send requests to `/async`, `/sync` and `/blocking`
//! from many terminals at once.

mod listen;

use std::thread;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use sabr::{NotRun, Sabr, blocking, sync};

use self::listen::listen;

const DELAY: Duration = Duration::from_secs(1);

/// Gives its thread back while it waits, so any number of calls can wait on one thread.
async fn waits() -> &'static str {
    tokio::time::sleep(DELAY).await;
    "waited on the event loop\n"
}

/// Holds a thread of the endpoint pool while it waits, so 40 calls can wait at once.
fn blocks() -> &'static str {
    thread::sleep(DELAY);
    "blocked a thread of the endpoint pool\n"
}

/// Makes a blocking call in an async handler. Without `blocking`, the call would hold up every
/// request on its thread.
async fn wraps() -> Result<&'static str, NotRun> {
    blocking(|| thread::sleep(DELAY)).await?;
    Ok("blocked a thread of the blocking pool\n")
}

pub(crate) fn app() -> Router {
    Router::new()
        .route("/async", get(waits))
        .route("/sync", get(sync(blocks)))
        .route("/blocking", get(wraps))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await;
    Sabr::default().serve(listener, app()).await?;
    Ok(())
}
