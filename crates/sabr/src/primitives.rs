//! The primitives of hand-written lock protocols. Why here: the loom test (`tests/loom.rs`)
//! replaces this module by loom's primitives.

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
