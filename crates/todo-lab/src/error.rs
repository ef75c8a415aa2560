use std::io;

use axum::response::{IntoResponse, Response};
use todo_core::StoreError;

/// Why an experiment could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// The machine does not let the process have so many connections.
    #[error(
        "{users} users need {needed} open files, and this process may have {limit}; \
         allow more with `ulimit -n {needed}`, or ask for fewer with --users {}",
        (limit.saturating_sub(super::machine::FILES_BESIDES) / 2).max(1)
    )]
    TooFewFiles {
        /// How many users there were to be.
        users: usize,
        /// How many open files they need.
        needed: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A thread, a socket or a file could not be had.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A request was not answered.
    #[error("a request of the lab to its own server failed: {0}")]
    Request(#[from] hyper::Error),
    /// A request was refused.
    #[error("a request of the lab to its own server was answered with {0}")]
    Refused(u16),
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] todo_sqlite::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A pool or the background tasks were full.
    #[error("the lab's own server is overloaded: {0}")]
    Overloaded(#[from] sabr::Overloaded),
    /// A pool was full.
    #[error("the lab's own server did not run a step: {0}")]
    NotRun(#[from] sabr::NotRun),
    /// The ledger does not know of a request.
    #[error("the ledger has not counted a request that was answered")]
    Unsettled,
    /// There is a mistake in the experiment.
    #[error("a task of the experiment panicked")]
    Panicked,
}

impl LabError {
    /// For `map_err`: what was tried.
    pub(super) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

/// For handlers of the lab's own servers: the experiment that asked fails.
impl IntoResponse for LabError {
    fn into_response(self) -> Response {
        let body = self.to_string().into();
        let answer = Response::builder().status(500).body(body);
        answer.unwrap_or_default()
    }
}
