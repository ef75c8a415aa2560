//! The change log. Each change is logged in its own transaction.

mod append;
mod kind;
mod read;

pub(crate) use append::{append_clearing, append_item, append_todo};
pub(crate) use kind::ChangeKind;
pub(crate) use read::list;
