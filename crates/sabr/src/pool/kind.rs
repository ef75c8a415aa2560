use std::fmt;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use super::queue::PoolSize;

/// A kind of work. Each kind has its own pool of threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PoolKind {
    /// Plain `fn` endpoints, through [`sync`](crate::sync). 40 threads and a queue of 1,024.
    Endpoint,
    /// Heavy computing, through [`compute`](crate::compute). As many threads as cores, a queue of
    /// 1,024.
    Compute,
    /// Calls that block their thread, through [`blocking`](crate::blocking). 64 threads, a queue of
    /// 1,024.
    Blocking,
    /// Sync background tasks. 16 threads; the backlog of tasks bounds its queue.
    Tasks,
    /// Clean-up at the end of a request, through
    /// [`BackgroundTasks::clean_up`](crate::BackgroundTasks::clean_up). 4 threads; the backlog
    /// of tasks bounds its queue.
    CleanUp,
}

impl PoolKind {
    /// Every kind, in the order of declaration.
    pub const ALL: &[Self] = &Self::EACH;

    pub(crate) const COUNT: usize = 5;

    pub(crate) const EACH: [Self; Self::COUNT] = [
        Self::Endpoint,
        Self::Compute,
        Self::Blocking,
        Self::Tasks,
        Self::CleanUp,
    ];

    pub(crate) fn default_size(self) -> PoolSize {
        let (threads, queue) = match self {
            Self::Endpoint => (40, 1024),
            Self::Compute => (available_parallelism().map_or(1, NonZeroUsize::get), 1024),
            Self::Blocking => (64, 1024),
            // The backlog of tasks is the bound, and it answers at `add`.
            Self::Tasks => (16, usize::MAX),
            Self::CleanUp => (4, usize::MAX),
        };
        PoolSize { threads, queue }
    }
}

impl fmt::Display for PoolKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Endpoint => "endpoint",
            Self::Compute => "compute",
            Self::Blocking => "blocking",
            Self::Tasks => "tasks",
            Self::CleanUp => "cleanup",
        })
    }
}
