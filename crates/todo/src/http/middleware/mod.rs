//! The checks that every request passes, one file each. [`Gate`] runs them.

mod acceptable;
mod body;
mod contain;
mod gate;
mod host;
mod origin;
mod query;
mod slash;
mod trace;

pub use origin::{AllowedOrigins, Origin};

pub(super) use gate::{Gate, pass};
pub(super) use host::host_of;
pub(super) use query::WithoutQuery;
