use std::error::Error;
use std::sync::Arc;

use crate::Refusal;

/// Why a command was not carried out.
///
/// The database is unchanged, with one exception: after [`StoreError::Failed`], a write may have
/// been carried out if a crash interrupted it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule of the domain forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many commands are waiting already. A later try may succeed.
    #[error("too many commands wait for the database")]
    Overloaded,
    /// Another program holds a lock on the database. A later try may succeed.
    #[error("another program holds the database locked")]
    Locked,
    /// The disk of the database is full. A later try may succeed once there is room.
    #[error("the disk that holds the database is full")]
    Full,
    /// The database is read-only.
    #[error("the database can only be read: {0}")]
    ReadOnly(#[source] Arc<dyn Error + Send + Sync>),
    /// The database is damaged.
    #[error("the database is damaged: {0}")]
    Damaged(#[source] Arc<dyn Error + Send + Sync>),
    /// The database was moved, deleted or replaced while it was open.
    #[error("the database is no longer where it was opened: {0}")]
    Moved(#[source] Arc<dyn Error + Send + Sync>),
    /// The store broke its contract: it returned no result for the request, or the result of
    /// another operation.
    #[error("the store returned no result for the request")]
    NoResult,
    /// The database failed, or is closed.
    #[error("the database failed: {0}")]
    Failed(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Why the database cannot be used, in words for clients. Details that only the operator may
    /// know are left out.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Overloaded => "too many commands wait for the database",
            Self::Locked => "another program holds the database locked",
            Self::Full => "the disk that holds the database is full",
            Self::ReadOnly(_) => "the database can only be read",
            Self::Damaged(_) => "the database is damaged; restore it from a backup",
            Self::Moved(_) => {
                "the database was moved, deleted or replaced while it was open; put it back with its -wal file"
            }
            _ => "the database failed; the log says how",
        }
    }
}
