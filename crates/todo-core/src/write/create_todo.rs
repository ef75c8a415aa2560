use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal};
use crate::{Draft, Precondition, Todo, TodoId};

/// Adds a todo, by default as the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTodo {
    /// The id of the new todo.
    pub id: TodoId,
    /// Its fields.
    pub draft: Draft,
}

impl Operation for CreateTodo {
    type Outcome = Todo;

    fn needs(&self) -> Loads {
        Loads {
            todo: Some(self.id),
            last_order: true,
            ..Loads::default()
        }
    }

    fn decide(
        self,
        loaded: Loaded,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Effect, Refusal> {
        require(
            precondition.and(Precondition::Absent),
            loaded.todo.is_some(),
            Refusal::TodoExists(self.id),
        )?;
        let todo = Todo::create(self.id, self.draft, loaded.last_order, now);
        Ok(Effect::TodoCreated(todo))
    }

    fn outcome(effect: Effect) -> Option<Todo> {
        match effect {
            Effect::TodoCreated(todo) => Some(todo),
            _ => None,
        }
    }
}
