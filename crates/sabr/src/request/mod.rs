//! One request: its state from its head to its last task, and the events that its ledger account
//! gets.

mod begin;
mod block_in_place;
mod body;
mod current;
mod end;
mod overlap;
mod poll;
mod pool_job;
mod progress;
mod route;
mod scope;
mod side_task;
mod spawn;
mod wait;

pub use self::block_in_place::block_in_place;
pub use self::overlap::Trial;
pub use self::spawn::spawn;
pub use self::wait::{Wait, wait};

pub(crate) use self::begin::begin;
pub(crate) use self::current::{current, enter, function_ran, within};
pub(crate) use self::end::end;
pub(crate) use self::poll::{poll_body, poll_head};
pub(crate) use self::pool_job::submit;
pub(crate) use self::progress::Progress;
pub(crate) use self::route::{ReportRoute, RouteReporter};
pub(crate) use self::scope::Scope;
pub(crate) use self::side_task::SideTask;
