use crate::{Item, ItemId, Todo, TodoId};

/// What a command does to the data. A store applies an effect without further rules. It writes the
/// rows and the entries of the change log in the same transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A new todo.
    TodoCreated(Todo),
    /// A todo in its new state.
    TodoChanged(Todo),
    /// A todo is deleted, and its checklist with it.
    TodoDeleted(TodoId),
    /// All todos are deleted, or only completed ones, or only open ones. Their checklists are
    /// deleted with them.
    TodosCleared {
        /// `Some(true)` for completed todos, `Some(false)` for open ones, `None` for all.
        completed: Option<bool>,
    },
    /// A new checklist item.
    ItemCreated(Item),
    /// A checklist item in its new state. It may have moved to the checklist of another todo.
    ItemChanged(Item),
    /// A checklist item is deleted from the checklist of this todo.
    ItemDeleted(ItemId, TodoId),
}

/// The result of replacing an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Replaced<T> {
    /// No object had this id, so this one was created.
    Created(T),
    /// The object with this id was replaced by this one.
    Updated(T),
}
