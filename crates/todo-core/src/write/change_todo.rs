use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal};
use crate::{Patch, Precondition, Todo, TodoId};

/// Changes some fields of a todo.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeTodo {
    /// The todo.
    pub id: TodoId,
    /// The new values.
    pub patch: Patch,
}

impl Operation for ChangeTodo {
    type Outcome = Todo;

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
        now: Timestamp,
    ) -> Result<Effect, Refusal> {
        // Checked before the precondition, because a missing target is 404 whatever the condition
        // (RFC 9110, section 13.2.1).
        let todo = loaded.todo.ok_or(Refusal::TodoNotFound(self.id))?;
        require(precondition, true, Refusal::TodoExists(self.id))?;
        Ok(Effect::TodoChanged(todo.patched(self.patch, now)))
    }

    fn outcome(effect: Effect) -> Option<Todo> {
        match effect {
            Effect::TodoChanged(todo) => Some(todo),
            _ => None,
        }
    }
}
