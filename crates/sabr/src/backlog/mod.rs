//! Background tasks as data: their order in a request, their states, and the bound on their number.
//! No I/O and no runtime. [`tasks`](crate::tasks) runs them.

mod list;
mod output;
mod policy;
mod registry;
mod state;
mod stats;
mod task;

pub use self::output::TaskOutput;
pub use self::state::TaskState;
pub use self::stats::TaskStats;

pub(crate) use self::list::{Due, Next, TaskList};
pub(crate) use self::policy::{Outcome, RunOn};
pub(crate) use self::registry::{Limits, Registry};
pub(crate) use self::task::{OnThread, Task, Work, name_of};
