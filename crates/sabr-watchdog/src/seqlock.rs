//! Two numbers that one thread writes together and other threads read together.

use crate::primitives::{AtomicU64, Ordering, fence};

/// A seqlock: the writer makes `version` odd, writes, and makes it even again. A reader that saw an
/// odd version or two different versions tries again.
///
/// Writing takes two nanoseconds, and never waits for a reader.
#[derive(Debug)]
pub(crate) struct Seqlock {
    /// Twice the number of writes. Odd during a write.
    version: AtomicU64,
    values: [AtomicU64; 2],
}

impl Seqlock {
    /// Both numbers are 0.
    pub(crate) fn new() -> Self {
        Self {
            version: AtomicU64::new(0),
            values: [AtomicU64::new(0), AtomicU64::new(0)],
        }
    }

    /// The numbers, as any thread sees them. `None` if the writer interfered with every try.
    pub(crate) fn read(&self) -> Option<[u64; 2]> {
        // A write takes two nanoseconds, so the second try nearly always succeeds. A thread that
        // loses its CPU during a write is seen at the next inspection.
        (0..8).find_map(|_| self.try_read())
    }

    pub(crate) fn try_read(&self) -> Option<[u64; 2]> {
        let version = self.version.load(Ordering::Acquire);
        let values = self.own();
        fence(Ordering::Acquire);
        let is_whole = version.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == version;
        is_whole.then_some(values)
    }

    /// The numbers, as the thread that writes them sees them.
    #[inline]
    pub(crate) fn own(&self) -> [u64; 2] {
        let [first, second] = &self.values;
        [
            first.load(Ordering::Relaxed),
            second.load(Ordering::Relaxed),
        ]
    }

    /// Writes both numbers. For one thread only.
    #[inline]
    pub(crate) fn write(&self, values: [u64; 2]) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version + 1, Ordering::Relaxed);
        fence(Ordering::Release);
        for (place, value) in self.values.iter().zip(values) {
            place.store(value, Ordering::Relaxed);
        }
        self.version.store(version + 2, Ordering::Release);
    }

    /// Writes the second number alone. For the thread that writes both.
    #[inline]
    pub(crate) fn write_second(&self, value: u64) {
        self.values[1].store(value, Ordering::Relaxed);
    }

    /// Changes with every write of both numbers.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }
}
