//! The primitives of our own lock protocols, named here so that a loom test can put its own in their
//! place (`tests/loom.rs`).

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
