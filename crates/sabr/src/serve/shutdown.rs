use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::open::OpenConnections;
use crate::report::ShutdownReport;
use crate::shared::Shared;

/// The time that stopped requests have to end. Only code that does not reach its next await needs
/// it.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// Shuts a server down: first requests in flight, then tasks, within one grace period.
pub(super) async fn run(
    shared: &Shared,
    mut open: OpenConnections,
    second: Pin<Box<dyn Future<Output = ()> + Send>>,
) -> ShutdownReport {
    let began = Instant::now();
    tracing::info!(
        connections = open.len(),
        tasks = shared.registry.stats().live(),
        grace_period = ?shared.config.grace_period,
        "shutting down"
    );
    shared.start_draining();
    open.finish_all();
    let drained = async {
        open.all_closed().await;
        drain(shared).await;
    };
    let deadline = began + shared.config.grace_period;
    let forced = tokio::select! {
        biased;
        _ = timeout_at(deadline, drained) => false,
        () = second => true,
    };
    shared.stop.cancel();
    open.abort_all();
    // Code that blocks its thread does not stop, and shutdown does not wait for it.
    let stopped = async { tokio::join!(open.all_closed(), shared.finishing.wait()) };
    let _ = timeout(STOP_PATIENCE, stopped).await;
    end(shared, began, forced)
}

/// Shuts the background tasks down, for programs with their own accept loop.
pub(crate) async fn shut_down(shared: &Shared) -> ShutdownReport {
    let began = Instant::now();
    shared.start_draining();
    // An error means that the grace period is over. The report names the tasks that are left.
    let _ = timeout(shared.config.grace_period, drain(shared)).await;
    shared.stop.cancel();
    end(shared, began, false)
}

/// Waits for handlers in `finish`, and then for tasks. Why in this order: such a handler may still
/// add tasks.
async fn drain(shared: &Shared) {
    shared.finishing.close();
    shared.finishing.wait().await;
    shared.registry.idle().await;
}

fn end(shared: &Shared, began: Instant, forced: bool) -> ShutdownReport {
    let mut report = shared.registry.finish_report();
    report.took = began.elapsed();
    report.forced = forced;
    report.log();
    report
}
