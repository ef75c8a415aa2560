//! Where a handler runs: on the event loop, on a pool, or to its end whatever the client does.
#![doc = include_str!("../../docs/endpoint.md")]

mod clock;
mod finish;
mod gone;
mod heavy;
mod placement;
mod switches;
mod sync;
mod sync_handler;

pub use self::finish::{Finish, finish};
pub use self::gone::ClientGone;
pub use self::heavy::{blocking, compute};
pub use self::placement::{EndpointStats, Place, Reason};
pub use self::sync::{SyncEndpoint, sync};
pub use self::sync_handler::SyncHandler;

pub(crate) use self::clock::Clock;
pub(crate) use self::heavy::run_on;
pub(crate) use self::placement::Placement;
