//! Sync and async endpoints, and accountable background tasks, for axum, tower and tokio.
//!
//! Write `async fn` where you wait and a plain `fn` where you do not, and add work to be done after
//! the response:
//!
//! ```no_run
//! use axum::{Router, routing::{get, post}};
//! use sabr::{BackgroundTasks, Overloaded, Sabr, finish, sync};
//!
//! /// Computes: a plain function, put where it belongs.
//! fn fibonacci() -> String {
//!     let (a, b) = (0..90).fold((0_u64, 1), |(a, b), _| (b, a + b));
//!     format!("{a} {b}")
//! }
//!
//! /// Writes: runs to its end even if the client leaves, and tells the others afterwards.
//! async fn create(tasks: BackgroundTasks) -> Result<&'static str, Overloaded> {
//!     tasks.named("notify").add(async { println!("a todo was added") })?;
//!     Ok("created")
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     let app: Router = Router::new()
//!         .route("/fibonacci", get(sync(fibonacci)))
//!         .route("/todos", post(finish(create)));
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//!     // Until SIGTERM or Ctrl-C; then what is in flight is finished, and what was not is named.
//!     let report = Sabr::builder().build().serve(listener, app).await?;
//!     println!("{report}");
//!     Ok(())
//! }
//! ```
//!
//! | Module | What it is about |
//! |---|---|
//! | [`endpoint`] | where a handler runs: `sync`, `compute`, `blocking`, `finish` |
//! | [`ledger`] | where the time of each request goes, and a verdict on each endpoint |
//! | [`tasks`] | work after the response: `BackgroundTasks` |
//! | [`serve`] | accepting connections, and ending in order |
//! | [`pool`] | the bounded threads beneath |
//! | [`layer`] | the tower layer, for those who do not use `serve` |
//!
//! There is no global state that a service would notice: all of it belongs to a [`Sabr`], and a
//! process may have many. Only [`compute`] and [`blocking`], called where no `Sabr` is near, share
//! one made for the process.
//!
//! # How it compares
//!
//! Coming from FastAPI? `docs/fastapi.md` in this crate goes through its behaviour row by row.

mod backlog;
mod builder;
mod clock;
mod config;
pub mod endpoint;
mod gauges;
mod http_method;
pub mod layer;
pub mod ledger;
mod overlap_trials;
mod panic;
mod placement;
mod poll_subject;
pub mod pool;
mod primitives;
mod problem;
mod report;
mod request;
mod response_budget;
mod sabr;
pub mod serve;
mod shared;
mod task_id;
pub mod tasks;
#[cfg_attr(not(feature = "opentelemetry"), path = "telemetry/off.rs")]
mod telemetry;
mod until_stopped;

pub use self::builder::Builder;
pub use self::endpoint::{
    ClientGone, EndpointStats, Place, Reason, SyncEndpoint, blocking, compute, finish, sync,
};
pub use self::layer::SabrLayer;
pub use self::ledger::{Ledger, block_in_place, spawn, wait};
pub use self::pool::{Overloaded, PoolKind, PoolStats};
pub use self::sabr::Sabr;
pub use self::serve::{Serve, ShutdownReport};
pub use self::tasks::{BackgroundTasks, MissingLayer, TaskId, TaskOutput, TaskState, TaskStats};

/// What the macros of this crate expand to.
#[doc(hidden)]
pub mod __private {
    pub use tokio::join;

    pub use crate::ledger::Trial;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
