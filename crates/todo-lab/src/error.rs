use std::io;

use axum::response::{IntoResponse, Response};
use todo_core::StoreError;

/// Why an experiment failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// The limit of open files is too low for this many users.
    #[error(
        "{users} users need {needed} open files, and this process may have {limit}; \
         allow more with `ulimit -n {needed}`, or ask for fewer with --users {}",
        (limit.saturating_sub(super::machine::FILES_BESIDES) / 2).max(1)
    )]
    TooFewFiles {
        /// The number of users.
        users: usize,
        /// The number of open files that they need.
        needed: u64,
        /// The number of open files that the process may have.
        limit: u64,
    },
    /// An operation on a thread, a socket or a file failed.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A request got no response.
    #[error("a request of the lab to its own server failed: {0}")]
    Request(#[from] hyper::Error),
    /// A request got a response whose status is not a success.
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
    /// The ledger did not count a request in time.
    #[error("the ledger has not counted a request that was answered")]
    Unsettled,
    /// A task of the experiment panicked, which is a bug.
    #[error("a task of the experiment panicked")]
    Panicked,
}

impl LabError {
    /// A function for `map_err` that adds what was tried.
    pub(super) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

/// The response of a handler of the lab's own servers. Its status is 500, which fails the
/// experiment that sent the request.
impl IntoResponse for LabError {
    fn into_response(self) -> Response {
        let body = self.to_string().into();
        let answer = Response::builder().status(500).body(body);
        answer.unwrap_or_default()
    }
}
