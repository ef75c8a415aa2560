use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal};
use crate::{Precondition, TodoId};

/// Deletes a todo and its checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteTodo {
    /// The todo.
    pub id: TodoId,
}

impl Operation for DeleteTodo {
    type Outcome = ();

    fn needs(&self) -> Loads {
        Loads {
            todo: Some(self.id),
            ..Loads::default()
        }
    }

    fn decide(
        self,
        loaded: Loaded,
        precondition: Precondition,
        _: Timestamp,
    ) -> Result<Effect, Refusal> {
        // Checked before the precondition, because a missing target is 404 whatever the condition
        // (RFC 9110, section 13.2.1).
        loaded.todo.ok_or(Refusal::TodoNotFound(self.id))?;
        require(precondition, true, Refusal::TodoExists(self.id))?;
        Ok(Effect::TodoDeleted(self.id))
    }

    fn outcome(effect: Effect) -> Option<()> {
        matches!(effect, Effect::TodoDeleted(_)).then_some(())
    }
}
