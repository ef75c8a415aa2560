use jiff::Timestamp;

use super::refusal::require;
use super::{Effect, Loaded, Loads, Operation, Refusal, Replaced};
use crate::{Draft, Precondition, Todo, TodoId};

/// Replaces a todo, or creates it under this id. Without an order, an existing todo keeps its place
/// and a new one comes last.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplaceTodo {
    /// The todo.
    pub id: TodoId,
    /// All its fields.
    pub draft: Draft,
}

impl Operation for ReplaceTodo {
    type Outcome = Replaced<Todo>;

    fn needs(&self) -> Loads {
        Loads {
            todo: Some(self.id),
            last_order: self.draft.order.is_none(),
            ..Loads::default()
        }
    }

    fn decide(
        self,
        loaded: Loaded,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Effect, Refusal> {
        let Self { id, draft } = self;
        require(precondition, loaded.todo.is_some(), Refusal::TodoExists(id))?;
        Ok(match loaded.todo {
            None => Effect::TodoCreated(Todo::create(id, draft, loaded.last_order, now)),
            Some(todo) => Effect::TodoChanged(todo.replaced(draft, now)),
        })
    }

    fn outcome(effect: Effect) -> Option<Replaced<Todo>> {
        match effect {
            Effect::TodoCreated(todo) => Some(Replaced::Created(todo)),
            Effect::TodoChanged(todo) => Some(Replaced::Updated(todo)),
            _ => None,
        }
    }
}
