use super::{Item, ItemId, Todo, TodoId};

/// One entry of the change log: every command that changes something adds its own in its transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Counts up, with gaps.
    pub number: i64,
    /// What happened.
    pub event: Event,
}

/// What happened, with the state of today: when several changes of one todo are read late, each shows the last.
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
    /// What happened since, the oldest first; what has gone since then is left out.
    Since {
        /// The changes.
        changes: Vec<Change>,
        /// The position after them.
        last: i64,
        /// Whether there are more than could be read at once.
        more: bool,
    },
    /// The log does not go back so far, or never was there.
    Forgotten {
        /// The position at its end.
        last: i64,
    },
}

impl Changes {
    /// The most changes that are read at once.
    pub const AT_ONCE: u32 = 256;
    /// How many changes the log keeps at least. Clients that were away for longer read everything anew.
    pub const KEPT: i64 = 10_000;
    /// When a command deletes more todos than this, it counts as one [`Event::Reset`].
    pub const DELETED_MAX: i64 = 1_000;
}
