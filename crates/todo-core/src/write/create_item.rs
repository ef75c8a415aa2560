use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal};
use crate::{Item, ItemDraft, ItemId, Precondition, TodoId};

/// Adds an item to a todo's checklist, by default as the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateItem {
    /// The id of the new item.
    pub id: ItemId,
    /// The todo whose checklist it belongs to.
    pub todo_id: TodoId,
    /// Its fields.
    pub draft: ItemDraft,
}

impl Operation for CreateItem {
    type Outcome = Item;

    fn needs(&self) -> Loads {
        Loads {
            item: Some(self.id),
            checklist: Some(self.todo_id),
            ..Loads::default()
        }
    }

    fn decide(
        self,
        loaded: Loaded,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Effect, Refusal> {
        let Self { id, todo_id, draft } = self;
        let checklist = loaded.room(todo_id)?;
        require(
            precondition.and(Precondition::Absent),
            loaded.item.is_some(),
            Refusal::ItemExists(id),
        )?;
        let item = Item::create(id, todo_id, draft, checklist.last_order, now);
        Ok(Effect::ItemCreated(item))
    }

    fn outcome(effect: Effect) -> Option<Item> {
        match effect {
            Effect::ItemCreated(item) => Some(item),
            _ => None,
        }
    }
}
