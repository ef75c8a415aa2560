use crate::{Item, ItemId, Todo, TodoId};

/// What a command does to the data. A store applies it without any rule of its own: it writes the
/// row and the entry of the change log in the same transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A new todo.
    TodoCreated(Todo),
    /// A todo in its new state.
    TodoChanged(Todo),
    /// A todo is deleted, and its checklist with it.
    TodoDeleted(TodoId),
    /// All todos are deleted, or those that are (not) completed, and their checklists with them.
    TodosCleared {
        /// Only the todos in this state; `None` for all.
        completed: Option<bool>,
    },
    /// A new checklist item.
    ItemCreated(Item),
    /// A checklist item in its new state. It may have moved to the checklist of another todo.
    ItemChanged(Item),
    /// A checklist item is deleted from the checklist of this todo.
    ItemDeleted(ItemId, TodoId),
}

/// What replacing something did.
#[derive(Clone, Debug, PartialEq)]
pub enum Replaced<T> {
    /// There was none under this id. Now there is.
    Created(T),
    /// The one under this id was replaced by this one.
    Updated(T),
}
