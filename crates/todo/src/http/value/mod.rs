//! The values of the domain as JSON: how they are read, written and described.
//!
//! The domain itself knows no serialisation. Each type here wraps the type of the same name.

mod id;
mod order;
mod text;

pub(crate) use id::{ItemId, TodoId, UserId};
pub(crate) use order::Order;
pub(crate) use text::{Notes, Title};
