use std::sync::Arc;

use crate::ledger::snapshot::{EndpointDetail, Snapshot};

/// Where the page has its figures from. Neither is called on a thread of the async runtime, nor
/// twice at once.
#[derive(Clone)]
pub(crate) struct Source {
    /// Everything at a glance.
    pub(crate) snapshot: Arc<dyn Fn() -> Snapshot + Send + Sync>,
    /// One endpoint by its method and route, or `None` if nobody asked for it yet.
    pub(crate) endpoint: Arc<EndpointSource>,
}

/// From a method and a route to the endpoint.
pub(crate) type EndpointSource = dyn Fn(&str, &str) -> Option<EndpointDetail> + Send + Sync;
