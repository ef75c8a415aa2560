//! The values of the domain as JSON: their parsing, serialisation and schema.
//!
//! The domain itself knows no serialisation, so each type here wraps the domain's type of the same
//! name.

mod id;
mod order;
mod text;

pub(crate) use id::{ItemId, TodoId, UserId};
pub(crate) use order::Order;
pub(crate) use text::{Notes, Title};
