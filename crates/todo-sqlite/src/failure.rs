//! Why a closure on the database failed.

use std::sync::Arc;

use sabr_sqlite::{Error, rusqlite};
use todo_core::{Refusal, StoreError};

/// A failure on its way out of a closure: `StoreError` is of another crate, so SQLite's errors do
/// not convert into it by `?`.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Refusal),
    Failed(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::Failed(error) => failed(error),
        }
    }
}

/// What the service says of an error of the database.
pub(crate) fn failed(error: Error) -> StoreError {
    if error.is_overloaded() {
        StoreError::Overloaded
    } else if error.is_busy() {
        StoreError::Locked
    } else if error.is_full() {
        StoreError::Full
    } else if error.is_moved() {
        StoreError::Moved(Arc::new(error))
    } else if error.is_corrupt() {
        StoreError::Damaged(Arc::new(error))
    } else if error.is_read_only() {
        StoreError::ReadOnly(Arc::new(error))
    } else {
        StoreError::Failed(Arc::new(error))
    }
}
