use super::Refusal;
use crate::{Item, ItemId, Order, Todo, TodoId};

/// What a store must load for a command. It loads this in the transaction, or under the lock, in
/// which it carries out the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loads {
    /// A todo.
    pub todo: Option<TodoId>,
    /// A checklist item.
    pub item: Option<ItemId>,
    /// Whether the order of the last todo is needed.
    pub last_order: bool,
    /// The todo whose checklist is needed: whether the todo exists, the size of the checklist, and
    /// its last order.
    pub checklist: Option<TodoId>,
}

/// What a store has loaded for a command. A field that the command does not need is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The todo; `None` if it does not exist.
    pub todo: Option<Todo>,
    /// The checklist item; `None` if it does not exist.
    pub item: Option<Item>,
    /// The order of the last todo; `None` if there are no todos.
    pub last_order: Option<Order>,
    /// The checklist; `None` if its todo does not exist.
    pub checklist: Option<Checklist>,
}

/// The size of a checklist, and its last order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Checklist {
    /// The number of its items.
    pub count: u32,
    /// The order of its last item; `None` if it is empty.
    pub last_order: Option<Order>,
}

impl Loaded {
    /// The checklist of this todo. An error if the todo does not exist, or if the checklist is
    /// full.
    pub(super) fn room(&self, todo_id: TodoId) -> Result<Checklist, Refusal> {
        match self.checklist {
            None => Err(Refusal::TodoNotFound(todo_id)),
            Some(checklist) if checklist.count >= Item::PER_TODO_MAX => {
                Err(Refusal::ChecklistFull(todo_id))
            }
            Some(checklist) => Ok(checklist),
        }
    }
}
