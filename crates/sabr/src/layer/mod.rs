//! What wraps a request: it follows it from its head to the last byte of its response.

mod body;
mod budget;
mod future;
mod held;
mod pieces;
mod scope;
mod service;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;
pub use self::service::{SabrLayer, SabrService};

pub(crate) use self::budget::Budget;
pub(crate) use self::held::Held;
pub(crate) use self::scope::Scope;
