//! Sync and async endpoints, and accountable background tasks, for axum, tower and tokio.
//!
//! Write `async fn` where you wait and a plain `fn` where you do not, and add work to be done after
//! the response:
//!
//! ```no_run
//! use axum::{Router, routing::{get, post}};
//! use sabr::{BackgroundTasks, Overloaded, Sabr, finish, sync};
//!
//! /// Computes, so it is a plain function.
//! fn fibonacci() -> String {
//!     let (a, b) = (0..90).fold((0_u64, 1), |(a, b), _| (b, a + b));
//!     format!("{a} {b}")
//! }
//!
//! /// Writes, so it runs to its end even if the client disconnects.
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
//!     // Until SIGTERM or Ctrl-C. Then requests in flight are finished; the report names the rest.
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
//! | [`serve`] | accepting connections, and shutting down in order |
//! | [`pool`] | the bounded thread pools |
//! | [`layer`] | the tower layer, for programs with their own server |
//!
//! All state belongs to a [`Sabr`], and a process may have many. Without a layer, as in the unit
//! test of a handler, endpoints of [`sync`](fn@sync) and [`finish`] share one `Sabr` with default
//! settings. Outside of a request, [`compute`] and [`blocking`] return [`NotRun`].
//!
//! # How it compares
//!
//! `docs/fastapi.md` in this crate compares FastAPI and Sabr row by row.

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
    ClientGone, EndpointStats, NotRun, Place, Reason, SyncEndpoint, blocking, compute, finish, sync,
};
pub use self::layer::SabrLayer;
pub use self::ledger::{Ledger, block_in_place, spawn, wait};
pub use self::pool::{Overloaded, PoolKind, PoolStats};
pub use self::sabr::Sabr;
pub use self::serve::{Serve, ShutdownReport};
pub use self::tasks::{BackgroundTasks, MissingLayer, TaskId, TaskOutput, TaskState, TaskStats};

/// Items that the macros of this crate expand to.
#[doc(hidden)]
pub mod __private {
    pub use tokio::join;

    pub use crate::ledger::Trial;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
