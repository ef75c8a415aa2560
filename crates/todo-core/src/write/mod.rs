//! Writes as values. A command is decided here, without a database.
//!
//! Each operation is one file: its fields, what it needs to load, and what it does to the data.

mod change_item;
mod change_todo;
mod clear_todos;
mod create_item;
mod create_todo;
mod delete_item;
mod delete_todo;
mod effect;
mod load;
mod refusal;
mod replace_item;
mod replace_todo;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use change_item::ChangeItem;
pub use change_todo::ChangeTodo;
pub use clear_todos::ClearTodos;
pub use create_item::CreateItem;
pub use create_todo::CreateTodo;
pub use delete_item::DeleteItem;
pub use delete_todo::DeleteTodo;
pub use effect::{Effect, Replaced};
pub use load::{Checklist, Loaded, Loads};
pub use refusal::Refusal;
pub use replace_item::ReplaceItem;
pub use replace_todo::ReplaceTodo;

use crate::Precondition;

/// A write that a client asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The operation to carry out.
    pub command: Command,
    /// The condition under which it is carried out.
    pub precondition: Precondition,
    /// The present time.
    pub now: Timestamp,
}

/// One kind of write: what it needs to load, and what it does to the data.
pub trait Operation: Into<Command> {
    /// What the caller gets after the operation was carried out.
    type Outcome;

    /// What the store loads before the decision.
    fn needs(&self) -> Loads;

    /// Decides what happens to the data.
    ///
    /// # Errors
    ///
    /// When a rule or the precondition forbids the operation.
    fn decide(
        self,
        loaded: Loaded,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Effect, Refusal>;

    /// The outcome for the caller; `None` if the effect belongs to another operation.
    fn outcome(effect: Effect) -> Option<Self::Outcome>;
}

macro_rules! commands {
    ($($name:ident),+ $(,)?) => {
        /// A command of any kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Command {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )+
        }

        impl Command {
            /// What the store loads before the decision.
            #[must_use]
            pub fn needs(&self) -> Loads {
                match self {
                    $(Self::$name(operation) => operation.needs(),)+
                }
            }
        }

        $(impl From<$name> for Command {
            fn from(operation: $name) -> Self {
                Self::$name(operation)
            }
        })+

        /// Decides what a request does to the data. All rules of writing are in this function.
        /// `loaded` must hold what the command [needs](Command::needs).
        ///
        /// # Errors
        ///
        /// When a rule or the precondition forbids the request.
        pub fn decide(request: Request, loaded: Loaded) -> Result<Effect, Refusal> {
            let Request { command, precondition, now } = request;
            match command {
                $(Command::$name(operation) => operation.decide(loaded, precondition, now),)+
            }
        }
    };
}

commands! {
    CreateTodo, ChangeTodo, ReplaceTodo, DeleteTodo, ClearTodos,
    CreateItem, ChangeItem, ReplaceItem, DeleteItem,
}
