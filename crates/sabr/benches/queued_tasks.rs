//! The memory of a queued background task: `cargo bench -p sabr --bench queued_tasks` (Linux).
//!
//! One request adds many tasks of the smallest kind. Its response body is held, so that all of them
//! stay queued.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use sabr::{BackgroundTasks, Overloaded, Sabr};
use tower::ServiceExt;

const TASKS: usize = 500_000;

async fn add_many(tasks: BackgroundTasks) -> Result<&'static str, Overloaded> {
    for i in 0..TASKS {
        tasks.add(async move {
            let _ = std::hint::black_box(i);
        })?;
    }
    Ok("added")
}

/// The resident memory of this process (`/proc/self/status`, `VmRSS`).
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes.and_then(|n| n.parse().ok()).unwrap_or(0) * 1024
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sabr = Sabr::builder().task_backlog(TASKS).build();
    let app: Router = Router::new().route("/", get(add_many)).layer(sabr.layer());
    let before = resident_bytes();
    let response = app.oneshot(Request::new(Body::empty())).await?;
    let queued = sabr.task_stats().queued;
    let each = (resident_bytes() - before) / queued;
    println!("{queued} queued tasks, {each} bytes each");
    drop(response);
    Ok(())
}
