use std::sync::Arc;

use sabr_ledger::{RequestEnd, RequestOutcome};

use super::poll::end_running_poll;
use super::scope::Scope;
use crate::backlog::{Next, Outcome};
use crate::clock::unix_time;

/// The response of a request has ended. Ends its task list and closes its ledger account. Returns
/// whether its tasks are to be started. Later calls change nothing.
pub(crate) fn end(scope: &Arc<Scope>, outcome: Outcome) -> Next {
    let Some(next) = scope.end_tasks(outcome) else {
        return Next::Wait;
    };
    if let Some(connection) = scope.connection() {
        connection.request_ended();
    }
    scope.shared().request_ended(scope);
    close_account(scope, outcome);
    next
}

fn close_account(scope: &Arc<Scope>, outcome: Outcome) {
    let now = scope.now();
    end_running_poll(scope, now);
    let status = match outcome {
        Outcome::Responded(status) => Some(status.as_u16()),
        Outcome::Broken => None,
    };
    let end = RequestEnd {
        now,
        outcome: match status {
            _ if scope.is_client_gone() => RequestOutcome::Cancelled,
            Some(status) => RequestOutcome::of_status(status),
            None => RequestOutcome::Failed,
        },
        status,
        unix_time,
    };
    let (shared, meter) = (scope.shared(), scope.meter());
    let closed = meter.close(end, &shared.book, &shared.config.thresholds);
    shared
        .telemetry
        .ended(closed, meter, scope.method(), scope.path(), scope.parent());
}
