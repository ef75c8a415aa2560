/// Where a sync endpoint runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// On a thread of the endpoint pool.
    Pool,
    /// On the event loop, inside the poll of the request.
    InPlace,
}

/// Why a sync endpoint runs where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It has not been measured enough.
    New,
    /// The program pinned it, with `pooled` or `in_place`.
    Pinned,
    /// 64 calls in a row took at most 50 µs each.
    Short,
    /// A call in place took 500 µs or more.
    Slow,
    /// 16 calls in place in a row took more than 50 µs each.
    NotShort,
    /// A call in place panicked. It stays on the pool, because some calls panic on the event loop
    /// only, such as tokio's `blocking_lock`.
    Panicked,
}

impl Reason {
    /// The reason in a few words: `its calls are short`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::New => "not measured enough yet",
            Self::Pinned => "pinned by the program",
            Self::Short => "its calls are short",
            Self::Slow => "a call in place was slow",
            Self::NotShort => "its calls in place were not short",
            Self::Panicked => "a call in place panicked, so it stays there",
        }
    }
}
