//! Where a handler runs: on the event loop, on a pool, or in place.

mod gone;
mod heavy;

pub use self::gone::ClientGone;
pub use self::heavy::{blocking, compute};

pub(crate) use self::heavy::run_on;
