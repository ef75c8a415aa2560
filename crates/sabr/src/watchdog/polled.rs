use crate::tasks::TaskId;
use std::sync::Arc;

/// Tells the method and the route of what is polled; a background task has its name for a route.
pub(crate) type Names = Arc<dyn Fn(Polled) -> (&'static str, String) + Send + Sync>;

/// What of one ledger is polled: one of its endpoints, or a background task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Polled(u32);

impl Polled {
    const TASK: u32 = 1 << 31;

    /// The endpoint with this id in the ledger's book.
    #[inline]
    pub(crate) fn endpoint(id: u32) -> Self {
        Self(id & !Self::TASK)
    }

    pub(crate) fn task(id: TaskId) -> Self {
        Self(low_bits(id) | Self::TASK)
    }

    /// The id of the endpoint, or, of a task, what [`is_task`](Self::is_task) knows it by.
    pub(crate) fn endpoint_id(self) -> Option<u32> {
        (self.0 & Self::TASK == 0).then_some(self.0)
    }

    /// Of the tasks that live at one time, there are not so many that two have the same bits.
    pub(crate) fn is_task(self, id: TaskId) -> bool {
        self == Self::task(id)
    }

    #[inline]
    pub(super) fn to_bits(self) -> u32 {
        self.0
    }

    pub(super) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
fn low_bits(id: TaskId) -> u32 {
    u64::from(id) as u32
}
