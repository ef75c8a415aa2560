//! Work after the response: ordered, bounded, accountable, and never lost silently.
#![doc = include_str!("../../docs/tasks.md")]

mod extract;
mod id;
mod list;
mod new_task;
mod output;
mod policy;
mod registry;
mod runner;
mod state;
mod stats;
mod task;

pub use self::extract::{BackgroundTasks, MissingLayer};
pub use self::id::TaskId;
pub use self::new_task::NewTask;
pub use self::output::TaskOutput;
pub use self::state::TaskState;
pub use self::stats::TaskStats;

pub(crate) use self::list::{Due, Next, TaskList};
pub(crate) use self::policy::{Outcome, RunOn};
pub(crate) use self::registry::{Limits, Registry};
pub(crate) use self::runner::run;
pub(crate) use self::task::{Task, name_of};
