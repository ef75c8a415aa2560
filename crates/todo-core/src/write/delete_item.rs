use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal};
use crate::{ItemId, Precondition};

/// Deletes a checklist item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteItem {
    /// The item.
    pub id: ItemId,
}

impl Operation for DeleteItem {
    type Outcome = ();

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
        _: Timestamp,
    ) -> Result<Effect, Refusal> {
        let item = loaded.item.ok_or(Refusal::ItemNotFound(self.id))?;
        require(precondition, true, Refusal::ItemExists(self.id))?;
        Ok(Effect::ItemDeleted(self.id, item.todo_id))
    }

    fn outcome(effect: Effect) -> Option<()> {
        matches!(effect, Effect::ItemDeleted(..)).then_some(())
    }
}
