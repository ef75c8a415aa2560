use crate::{Notes, Order, Title};

/// All that a person decides about a todo: what creating and replacing take.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What is to be done.
    pub title: Title,
    /// More about it.
    pub notes: Option<Notes>,
    /// Whether it is done.
    pub completed: bool,
    /// Where it stands; without one, a new todo stands last and an existing one stays.
    pub order: Option<Order>,
}

/// A change to some of a todo; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// A new title.
    pub title: Option<Title>,
    /// New notes, or with `Some(None)` none any more.
    pub notes: Option<Option<Notes>>,
    /// Whether it is done.
    pub completed: Option<bool>,
    /// A new place in the list.
    pub order: Option<Order>,
}

/// All that a person decides about a checklist item.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemDraft {
    /// What is to be done.
    pub title: Title,
    /// Whether it is done.
    pub completed: bool,
    /// Where it stands; without one, a new item stands last and an existing one stays.
    pub order: Option<Order>,
}

/// A change to some of a checklist item; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemPatch {
    /// A new title.
    pub title: Option<Title>,
    /// Whether it is done.
    pub completed: Option<bool>,
    /// A new place on the checklist.
    pub order: Option<Order>,
}
