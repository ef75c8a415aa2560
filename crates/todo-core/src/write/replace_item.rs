use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal, Replaced};
use crate::{Item, ItemDraft, ItemId, Order, Precondition, TodoId};

/// Replaces a checklist item, or creates it under this id. An item of another checklist moves to
/// this todo's checklist, by default as the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplaceItem {
    /// The item.
    pub id: ItemId,
    /// The todo whose checklist it belongs to afterwards.
    pub todo_id: TodoId,
    /// All its fields.
    pub draft: ItemDraft,
}

impl Operation for ReplaceItem {
    type Outcome = Replaced<Item>;

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
        let Self {
            id,
            todo_id,
            mut draft,
        } = self;
        require(precondition, loaded.item.is_some(), Refusal::ItemExists(id))?;
        let stays = |item: &Item| item.todo_id == todo_id;
        if !loaded.item.as_ref().is_some_and(stays) {
            let checklist = loaded.room(todo_id)?;
            let last = checklist.last_order;
            draft.order = draft.order.or_else(|| last.map(Order::next));
        }
        Ok(match loaded.item {
            None => Effect::ItemCreated(Item::create(id, todo_id, draft, None, now)),
            Some(item) => Effect::ItemChanged(item.replaced(todo_id, draft, now)),
        })
    }

    fn outcome(effect: Effect) -> Option<Replaced<Item>> {
        match effect {
            Effect::ItemCreated(item) => Some(Replaced::Created(item)),
            Effect::ItemChanged(item) => Some(Replaced::Updated(item)),
            _ => None,
        }
    }
}
