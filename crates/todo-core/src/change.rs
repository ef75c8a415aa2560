use crate::{Item, ItemId, Todo, TodoId};

/// A position in the change log: the last change that a reader knows.
///
/// The number alone is not enough. After a restored backup the log continues from an earlier
/// number, and gives the same numbers to other changes. The tag tells such changes apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogPosition {
    /// The number of the change. Numbers count up, with gaps.
    pub number: i64,
    /// A random number, drawn when the change was written.
    pub tag: u32,
}

/// One entry of the change log: every command that changes something adds its own in its
/// transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The position of the change in the log.
    pub position: LogPosition,
    /// The change itself; `None` if its object no longer exists.
    pub event: Option<Event>,
}

/// What happened, with the state of today: when several changes of one todo are read late, each
/// shows the last.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// There is a new todo.
    TodoCreated(Todo),
    /// A todo is different from before.
    TodoChanged(Todo),
    /// A todo is gone, and its checklist with it.
    TodoDeleted(TodoId),
    /// There is a new item.
    ItemCreated(Item),
    /// An item is different from before.
    ItemChanged(Item),
    /// An item is gone.
    ItemDeleted(ItemId, TodoId),
    /// So much is different that it is best to read everything anew.
    Reset,
}

/// What the change log says after some position.
#[derive(Clone, Debug, PartialEq)]
pub enum Changes {
    /// The later changes, oldest first.
    Since {
        /// The changes.
        changes: Vec<Change>,
        /// Whether there are more changes than one read returns.
        more: bool,
    },
    /// The log does not contain this change: it starts later, or it is another log.
    Forgotten {
        /// The position at its end.
        last: LogPosition,
    },
}

impl Changes {
    /// The most changes that are read at once.
    pub const AT_ONCE: u32 = 256;
    /// How many changes the log keeps at least. Clients that were away for longer read everything
    /// anew.
    pub const KEPT: i64 = 10_000;
    /// When a command deletes more todos than this, it counts as one [`Event::Reset`].
    pub const DELETED_MAX: i64 = 1_000;
}
