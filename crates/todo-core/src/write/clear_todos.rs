use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal};
use crate::Precondition;

/// Deletes all todos, or those that are (not) completed, with their checklists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClearTodos {
    /// Only the todos in this state; `None` for all.
    pub completed: Option<bool>,
}

impl Operation for ClearTodos {
    type Outcome = ();

    fn needs(&self) -> Loads {
        Loads::default()
    }

    fn decide(
        self,
        _: Loaded,
        precondition: Precondition,
        _: Timestamp,
    ) -> Result<Effect, Refusal> {
        // The list itself always exists.
        require(precondition, true, Refusal::PreconditionFailed)?;
        let Self { completed } = self;
        Ok(Effect::TodosCleared { completed })
    }

    fn outcome(effect: Effect) -> Option<()> {
        matches!(effect, Effect::TodosCleared { .. }).then_some(())
    }
}
