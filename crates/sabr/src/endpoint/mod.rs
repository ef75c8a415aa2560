//! Where a handler runs: on the event loop, on a pool, or to its end even if the client
//! disconnects.
#![doc = include_str!("../../docs/endpoint.md")]

mod client_gone;
mod finish;
mod not_run;
mod offload;
mod read_ahead;
mod sync;
mod sync_handler;
mod without_layer;

pub use self::client_gone::ClientGone;
pub use self::finish::{Finish, finish};
pub use self::not_run::NotRun;
pub use self::offload::{blocking, compute};
pub use self::sync::{SyncEndpoint, sync};
pub use self::sync_handler::SyncHandler;

pub use crate::placement::{EndpointStats, Place, Reason};

pub(crate) use self::offload::run_on;
