//! What wraps a request: it follows it from its head to the last byte of its response.

mod body;
mod future;
mod scope;
mod service;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;
pub use self::service::{SabrLayer, SabrService};

pub(crate) use self::scope::Scope;
