use crate::{ItemId, Precondition, TodoId};

/// The rule of the domain that forbids a command. The data are unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
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
    /// The precondition of the request does not hold.
    #[error("the precondition does not hold")]
    PreconditionFailed,
    /// The todo's checklist has [`Item::PER_TODO_MAX`](crate::Item::PER_TODO_MAX) items already.
    #[error("the checklist of todo {0} is full")]
    ChecklistFull(TodoId),
    /// Another request of the same atomic write was refused.
    #[error("another change of the same batch was refused, so none was made")]
    Together,
}

/// Checks the precondition of a write. `taken` is the refusal if the target exists but must not.
pub(super) fn require(
    precondition: Precondition,
    exists: bool,
    taken: Refusal,
) -> Result<(), Refusal> {
    match precondition {
        _ if precondition.holds(exists) => Ok(()),
        Precondition::Absent => Err(taken),
        _ => Err(Refusal::PreconditionFailed),
    }
}
