//! Writes as data: how a command is decided, without a database.
//!
//! Each operation is one file: what it says, what it needs, and what follows from that.

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
    /// What is to be done.
    pub command: Command,
    /// The condition under which it is to be done.
    pub precondition: Precondition,
    /// The present time.
    pub now: Timestamp,
}

/// One kind of write: what it needs of the data, and what it does to them.
pub trait Operation: Into<Command> {
    /// What the caller gets when it was carried out.
    type Outcome;

    /// What the store loads before the decision.
    fn needs(&self) -> Loads;

    /// Decides what happens to the data.
    ///
    /// # Errors
    ///
    /// When it must not be carried out. Nothing is changed then.
    fn decide(
        self,
        loaded: Loaded,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Effect, Refusal>;

    /// What the caller gets; `None` for an effect of another operation.
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

        /// Decides what a request does to the data: all rules of writing are behind this function.
        /// `loaded` is what the command [needs](Command::needs).
        ///
        /// # Errors
        ///
        /// When the request must not be carried out. Nothing is changed then.
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
