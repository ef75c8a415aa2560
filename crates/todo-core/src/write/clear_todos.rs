use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal};
use crate::Precondition;

/// Deletes all todos, or only completed ones, or only open ones, with their checklists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClearTodos {
    /// `Some(true)` deletes completed todos, `Some(false)` open ones, and `None` all.
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
        // The target is the list of todos, which always exists.
        require(precondition, true, Refusal::PreconditionFailed)?;
        let Self { completed } = self;
        Ok(Effect::TodosCleared { completed })
    }

    fn outcome(effect: Effect) -> Option<()> {
        matches!(effect, Effect::TodosCleared { .. }).then_some(())
    }
}
