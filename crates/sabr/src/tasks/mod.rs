//! Work after the response: ordered, bounded, accountable, and never lost silently.
#![doc = include_str!("../../docs/tasks.md")]

mod extract;
mod new_task;
mod runner;

pub use self::extract::BackgroundTasks;
pub use self::new_task::NewTask;
pub use crate::backlog::{TaskOutput, TaskState, TaskStats};
pub use crate::problem::MissingLayer;
pub use crate::task_id::TaskId;

pub(crate) use self::runner::{client_disconnected, end_request};
