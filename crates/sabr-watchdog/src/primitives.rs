//! The atomics of hand-written protocols. Why here: the loom tests (`models/`) replace this module
//! by loom's atomics.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering, fence};
