use jiff::Timestamp;

use super::todo::{after, completed_at};
use crate::{ItemDraft, ItemId, ItemPatch, Order, Title, TodoId};

/// One item of a todo's checklist.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its id. It never changes.
    pub id: ItemId,
    /// The todo whose checklist it belongs to.
    pub todo_id: TodoId,
    /// What is to be done.
    pub title: Title,
    /// When it was done; `None` while it is not.
    pub completed_at: Option<Timestamp>,
    /// Its place on the checklist.
    pub order: Order,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Item {
    /// The largest number of items on one checklist.
    pub const PER_TODO_MAX: u32 = 1_000;

    /// A new item. `last` is the order of the last item on the checklist, if it has any.
    #[must_use]
    pub fn create(
        id: ItemId,
        todo_id: TodoId,
        draft: ItemDraft,
        last: Option<Order>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            todo_id,
            title: draft.title,
            completed_at: draft.completed.then_some(now),
            order: draft
                .order
                .unwrap_or_else(|| last.map_or(Order::FIRST, Order::next)),
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether it is done.
    #[must_use]
    pub fn completed(&self) -> bool {
        self.completed_at.is_some()
    }

    /// The item with the fields of the draft, on the checklist of this todo. It keeps its order if
    /// the draft has none.
    #[must_use]
    pub fn replaced(&self, todo_id: TodoId, draft: ItemDraft, now: Timestamp) -> Self {
        let patch = ItemPatch {
            title: Some(draft.title),
            completed: Some(draft.completed),
            order: draft.order,
        };
        let mut item = Self {
            todo_id,
            ..self.patched(patch, now)
        };
        if todo_id != self.todo_id {
            item.updated_at = after(self.updated_at, now);
        }
        item
    }

    /// The item with the patch applied. If the patch changes nothing, `updated_at` stays.
    #[must_use]
    pub fn patched(&self, patch: ItemPatch, now: Timestamp) -> Self {
        let mut item = Self {
            title: patch.title.unwrap_or_else(|| self.title.clone()),
            completed_at: completed_at(self.completed_at, patch.completed, now),
            order: patch.order.unwrap_or(self.order),
            ..*self
        };
        if item != *self {
            item.updated_at = after(self.updated_at, now);
        }
        item
    }
}
