//! The error of a closure on the database, and its conversion to [`StoreError`].

use std::sync::Arc;

use sabr_sqlite::{Error, rusqlite};
use todo_core::{Refusal, StoreError};

/// Why a closure failed. Why not `StoreError`: it belongs to another crate, so it cannot implement
/// `From<rusqlite::Error>`, which `?` needs.
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

/// Converts an error of the database to an error of the store.
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
