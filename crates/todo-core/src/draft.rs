use crate::{Notes, Order, Title};

/// The fields of a todo that a client sets when it creates or replaces the todo.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What is to be done.
    pub title: Title,
    /// More about it.
    pub notes: Option<Notes>,
    /// Whether it is done.
    pub completed: bool,
    /// Its place in the list. With `None`, a new todo comes last and an existing one stays.
    pub order: Option<Order>,
}

/// A change of some fields of a todo. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// A new title.
    pub title: Option<Title>,
    /// New notes. `Some(None)` removes the notes.
    pub notes: Option<Option<Notes>>,
    /// Whether it is done.
    pub completed: Option<bool>,
    /// A new place in the list.
    pub order: Option<Order>,
}

/// The fields of a checklist item that a client sets when it creates or replaces the item.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemDraft {
    /// What is to be done.
    pub title: Title,
    /// Whether it is done.
    pub completed: bool,
    /// Its place on the checklist. With `None`, a new item comes last, and so does an item that
    /// moves from another checklist. Another existing item stays.
    pub order: Option<Order>,
}

/// A change of some fields of a checklist item. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemPatch {
    /// A new title.
    pub title: Option<Title>,
    /// Whether it is done.
    pub completed: Option<bool>,
    /// A new place on the checklist.
    pub order: Option<Order>,
}
