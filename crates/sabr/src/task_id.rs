use std::fmt;
use std::num::{NonZeroU64, ParseIntError};
use std::str::FromStr;

/// The id of one background task, unique within its [`Sabr`](crate::Sabr) and counted from 1.
///
/// It is written and read as a plain number, so that it can stand in a path (`/tasks/17`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(NonZeroU64);

impl TaskId {
    pub(crate) const FIRST: Self = Self(NonZeroU64::MIN);

    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TaskId {
    type Err = ParseIntError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Self)
    }
}

impl From<TaskId> for u64 {
    fn from(id: TaskId) -> Self {
        id.0.get()
    }
}
