//! The primitives of hand-written lock protocols. Why here: the loom tests (`models/`) replace this
//! module by loom's primitives.

pub(crate) use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub(crate) use futures_util::task::AtomicWaker;
pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
