//! Sync and async endpoints, and accountable background tasks, for axum, tower and tokio.
//!
//! [`Sabr`] holds the pools, the background tasks and the lifecycle of one service.

mod builder;
mod context;
pub mod endpoint;
pub mod layer;
mod overloaded;
mod panic;
pub mod pool;
mod problem;
mod sabr;
pub mod serve;
mod shared;
pub mod tasks;
mod until_stopped;

pub use self::builder::Builder;
pub use self::endpoint::{
    ClientGone, EndpointStats, Place, Reason, SyncEndpoint, blocking, compute, finish, sync,
};
pub use self::layer::SabrLayer;
pub use self::overloaded::Overloaded;
pub use self::pool::{PoolKind, PoolStats};
pub use self::sabr::Sabr;
pub use self::serve::{Serve, ShutdownReport};
pub use self::tasks::{BackgroundTasks, MissingLayer, TaskId, TaskOutput, TaskState, TaskStats};
