//! The primitives of hand-written lock protocols. Why here: the loom tests (`models/`) replace this
//! module by loom's primitives.

pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
