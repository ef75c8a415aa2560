use crate::time::Nanos;

/// 200 µs: a stretch of running code that is at least this long is worth two readings of the
/// thread's clocks. Shorter ones count as computing.
pub const SLOW_STRETCH: Nanos = 200_000;

/// How a stretch of running code used its thread, in nanoseconds. The four numbers sum to its
/// length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// On the CPU.
    pub computing: Nanos,
    /// Off the CPU because the code made a blocking call.
    pub blocked: Nanos,
    /// Off the CPU although the thread was ready to run: the machine was busy.
    pub preempted: Nanos,
    /// Of a slow stretch of which the platform does not tell computing from blocking.
    pub unknown: Nanos,
}

impl Spent {
    /// A stretch that was on the CPU throughout.
    #[must_use]
    pub fn all_computing(nanos: Nanos) -> Self {
        Self {
            computing: nanos,
            ..Self::default()
        }
    }

    /// A slow stretch of which the platform tells nothing.
    #[must_use]
    pub fn all_unknown(nanos: Nanos) -> Self {
        Self {
            unknown: nanos,
            ..Self::default()
        }
    }

    /// Whether all of it was computing.
    #[must_use]
    pub fn is_all_computing(&self) -> bool {
        self.blocked | self.preempted | self.unknown == 0
    }

    /// The length of the stretch.
    #[must_use]
    pub fn total(&self) -> Nanos {
        self.computing + self.blocked + self.preempted + self.unknown
    }

    /// Whether a part of it took long enough to be worth noting.
    pub(crate) fn is_slow(&self) -> bool {
        self.computing.max(self.blocked).max(self.unknown) >= SLOW_STRETCH
    }

    /// Adds another stretch to this one.
    pub fn add(&mut self, other: Self) {
        self.computing += other.computing;
        self.blocked += other.blocked;
        self.preempted += other.preempted;
        self.unknown += other.unknown;
    }
}
