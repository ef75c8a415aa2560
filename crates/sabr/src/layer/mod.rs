//! The tower layer, which follows a request from its head to the last byte of its response.

mod body;
mod future;
mod held;
mod piece_count;
mod pieces;
mod service;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;
pub use self::service::{SabrLayer, SabrService};

pub(crate) use self::held::Held;
