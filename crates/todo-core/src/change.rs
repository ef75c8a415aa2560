use crate::{Item, ItemId, Todo, TodoId};

/// A position in the change log: the last change that a reader knows.
///
/// The number alone does not identify a change. After a backup is restored, the log continues from
/// an earlier number, so later changes get numbers that were given before. The tag tells changes
/// with the same number apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogPosition {
    /// The number of the change. Numbers increase, with gaps.
    pub number: i64,
    /// A random number, drawn when the change was written.
    pub tag: u32,
}

/// One entry of the change log. Every command that changes something appends its entries in its own
/// transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The position of the change in the log.
    pub position: LogPosition,
    /// The change itself; `None` if its object no longer exists.
    pub event: Option<Event>,
}

/// What a change did. It carries the present state of the object, not its state at the change: if
/// several changes of one todo are read later, each carries its latest state.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A todo was created.
    TodoCreated(Todo),
    /// A todo was changed.
    TodoChanged(Todo),
    /// A todo was deleted, and its checklist with it.
    TodoDeleted(TodoId),
    /// An item was created.
    ItemCreated(Item),
    /// An item was changed.
    ItemChanged(Item),
    /// An item was deleted from the checklist of this todo.
    ItemDeleted(ItemId, TodoId),
    /// So many todos were deleted at once that a reader must read everything again.
    Reset,
}

/// What the change log holds after a position.
#[derive(Clone, Debug, PartialEq)]
pub enum Changes {
    /// The later changes, oldest first.
    Since {
        /// The changes.
        changes: Vec<Change>,
        /// Whether there may be more changes. One read returns at most [`Changes::AT_ONCE`].
        more: bool,
    },
    /// The log does not contain the change at the position: the log starts later, or the position
    /// belongs to the log before a restore. It is also the answer to a read without a position.
    Forgotten {
        /// The position at the end of the log.
        last: LogPosition,
    },
}

impl Changes {
    /// The largest number of changes that one read returns.
    pub const AT_ONCE: u32 = 256;
    /// The number of latest changes that the log always keeps. A client that missed more of them
    /// reads everything again.
    pub const KEPT: i64 = 10_000;
    /// A command that deletes more todos than this is logged as one [`Event::Reset`].
    pub const DELETED_MAX: i64 = 1_000;
}
