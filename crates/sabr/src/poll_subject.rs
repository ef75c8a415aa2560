/// The subject of a poll: a request of one endpoint, or a background task. In 32 bits, for the
/// watchdog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PollSubject(u32);

impl PollSubject {
    const TASK: u32 = 1 << 31;

    /// A request of the endpoint with this id in the ledger's book.
    #[inline]
    pub(crate) fn endpoint(id: u32) -> Self {
        Self(id & !Self::TASK)
    }

    /// The background task with this id. Only the lower 31 bits are kept, because 2^31 tasks never
    /// live at once.
    #[expect(clippy::cast_possible_truncation, reason = "the lower bits are meant")]
    pub(crate) fn task(id: u64) -> Self {
        Self(id as u32 | Self::TASK)
    }

    /// The id of the endpoint; `None` for a task.
    pub(crate) fn endpoint_id(self) -> Option<u32> {
        (self.0 & Self::TASK == 0).then_some(self.0)
    }

    #[inline]
    pub(crate) fn to_bits(self) -> u32 {
        self.0
    }

    pub(crate) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}
