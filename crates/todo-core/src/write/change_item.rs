use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal};
use crate::{Item, ItemId, ItemPatch, Precondition};

/// Changes some fields of a checklist item.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeItem {
    /// The item.
    pub id: ItemId,
    /// The new values.
    pub patch: ItemPatch,
}

impl Operation for ChangeItem {
    type Outcome = Item;

    fn needs(&self) -> Loads {
        Loads {
            item: Some(self.id),
            ..Loads::default()
        }
    }

    fn decide(
        self,
        loaded: Loaded,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Effect, Refusal> {
        let item = loaded.item.ok_or(Refusal::ItemNotFound(self.id))?;
        require(precondition, true, Refusal::ItemExists(self.id))?;
        Ok(Effect::ItemChanged(item.patched(self.patch, now)))
    }

    fn outcome(effect: Effect) -> Option<Item> {
        match effect {
            Effect::ItemChanged(item) => Some(item),
            _ => None,
        }
    }
}
