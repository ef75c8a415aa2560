use std::error::Error;

use crate::domain::{ItemId, TodoId};

/// Why a command was not carried out. Whatever the reason, the database is as it was before,
/// except after [`StoreError::Failed`] of a writing command that a crash interrupted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no todo with this id.
    #[error("there is no todo {0}")]
    TodoNotFound(TodoId),
    /// There is no checklist item with this id.
    #[error("there is no checklist item {0}")]
    ItemNotFound(ItemId),
    /// There is a todo with this id already.
    #[error("there is a todo {0} already")]
    TodoExists(TodoId),
    /// There is a checklist item with this id already.
    #[error("there is a checklist item {0} already")]
    ItemExists(ItemId),
    /// The command's precondition does not hold.
    #[error("the precondition does not hold")]
    PreconditionFailed,
    /// The todo's checklist has as many items as it may have.
    #[error("the checklist of todo {0} is full")]
    ChecklistFull(TodoId),
    /// Too many commands wait already. Trying again later may help.
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
    ReadOnly(#[source] Box<dyn Error + Send + Sync>),
    /// The database is damaged.
    #[error("the database is damaged: {0}")]
    Damaged(#[source] Box<dyn Error + Send + Sync>),
    /// The database was moved, deleted or replaced while it was open.
    #[error("the database is no longer where it was opened: {0}")]
    Moved(#[source] Box<dyn Error + Send + Sync>),
    /// The database failed, or is closed.
    #[error("the database failed: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Why the database cannot be used, without what only its operator may know.
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
