//! What every request passes on its way in and out, one file each.

mod acceptable;
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
