//! What a todo is, and how it changes.
//!
//! Plain values and pure functions: nothing here waits, and nothing here knows HTTP, SQL or a
//! runtime. Text and numbers from outside become these types once, at the edge; from there on
//! they cannot be wrong.

mod change;
mod draft;
mod id;
mod item;
mod order;
mod page;
mod precondition;
mod text;
mod todo;
mod user;

pub use change::{Change, Changes, Event};
pub use draft::{Draft, ItemDraft, ItemPatch, Patch};
pub use id::{ItemId, TodoId, UserId};
pub use item::Item;
pub use order::{InvalidOrder, Order};
pub use page::{Page, Position, Slice};
pub use precondition::Precondition;
pub use text::{InvalidText, Notes, Title};
pub use todo::Todo;
pub use user::User;
