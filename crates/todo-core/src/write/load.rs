use super::Refusal;
use crate::{Item, ItemId, Order, Todo, TodoId};

/// What a store loads for a command, under the lock or in the transaction in which the command is
/// carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loads {
    /// A todo.
    pub todo: Option<TodoId>,
    /// A checklist item.
    pub item: Option<ItemId>,
    /// Whether the order of the last todo is needed.
    pub last_order: bool,
    /// The size and the end of this todo's checklist, and whether there is such a todo.
    pub checklist: Option<TodoId>,
}

/// What a store has loaded for a command. A part that the command does not need is `None`.
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

/// The size and the end of a checklist.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Checklist {
    /// How many items it has.
    pub count: u32,
    /// The order of its last item; `None` if it is empty.
    pub last_order: Option<Order>,
}

impl Loaded {
    /// The checklist of this todo, if one more item may be added.
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
