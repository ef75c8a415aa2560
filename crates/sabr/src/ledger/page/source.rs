use std::sync::Arc;

use crate::ledger::snapshot::{EndpointDetail, Snapshot};

/// The source of the figures on the page. The page calls one function at a time, on a blocking
/// thread, never on the event loop.
#[derive(Clone)]
pub(crate) struct Source {
    /// All figures of the overview.
    pub(crate) snapshot: Arc<dyn Fn() -> Snapshot + Send + Sync>,
    /// One endpoint by its method and route, or `None` if it has received no request.
    pub(crate) endpoint: Arc<EndpointSource>,
}

/// Finds an endpoint by its method and route.
pub(crate) type EndpointSource = dyn Fn(&str, &str) -> Option<EndpointDetail> + Send + Sync;
