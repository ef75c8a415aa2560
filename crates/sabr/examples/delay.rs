//! Waiting, right and wrong: a delay that leaves the thread to others, and one that does not.
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
//! `cargo run -p sabr --example delay`, then ask each of the three from many terminals at once.

mod listen;

use std::thread;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use sabr::{NotRun, Sabr, blocking, sync};

use self::listen::listen;

const DELAY: Duration = Duration::from_secs(1);

/// Any number of these wait at once, on one thread.
async fn waits() -> &'static str {
    tokio::time::sleep(DELAY).await;
    "waited on the event loop\n"
}

/// Each holds a thread of the endpoint pool: 40 at once.
fn blocks() -> &'static str {
    thread::sleep(DELAY);
    "blocked a thread of the endpoint pool\n"
}

/// A blocking call inside an async handler: never without `blocking`, or everybody waits.
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
