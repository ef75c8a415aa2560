//! The change log: one entry for each change, in the transaction of the change.

mod append;
mod kind;
mod read;

pub(crate) use append::{append_clearing, append_item, append_todo};
pub(crate) use kind::ChangeKind;
pub(crate) use read::list;
