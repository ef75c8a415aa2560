//! The domain of Todo: what a todo is, how it changes, and what a store of todos must do.
//!
//! The crate holds values and pure functions. Nothing in it waits, and nothing in it depends on
//! HTTP, SQL, a runtime or a serialisation format. The edge parses text and numbers into these
//! types once. A value of these types is always valid.
//!
//! A write is a value: a [`Request`] with a [`Command`]. The store loads what the command
//! [needs](Command::needs). From this, [`decide`] derives an [`Effect`] or a [`Refusal`]. The store
//! then applies the effect.
//!
//! ```
//! use jiff::Timestamp;
//! use todo_core::{
//!     ChangeTodo, Effect, Loaded, Patch, Precondition, Refusal, Request, Title, TodoId, decide,
//! };
//!
//! let id = TodoId(uuid::Uuid::nil());
//! let patch = Patch {
//!     title: Some(Title::parse("Buy milk")?),
//!     ..Patch::default()
//! };
//! let request = Request {
//!     command: ChangeTodo { id, patch }.into(),
//!     precondition: Precondition::None,
//!     now: Timestamp::UNIX_EPOCH,
//! };
//! // No todo was loaded, so there is none to change.
//! let decided = decide(request, Loaded::default());
//! assert_eq!(decided, Err(Refusal::TodoNotFound(id)));
//! # Ok::<(), todo_core::InvalidText>(())
//! ```

mod change;
mod clock;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod draft;
mod id;
mod item;
mod order;
mod page;
mod precondition;
mod store;
mod text;
mod todo;
mod user;
mod write;

pub use change::{Change, Changes, Event, LogPosition};
pub use clock::{Clock, machine_time};
pub use draft::{Draft, ItemDraft, ItemPatch, Patch};
pub use id::{Ids, ItemId, TodoId, UserId};
pub use item::Item;
pub use order::{InvalidOrder, Order};
pub use page::{Page, Position, Slice};
pub use precondition::Precondition;
pub use store::{Mode, Store, StoreError, write_one};
pub use text::{InvalidText, Notes, Title};
pub use todo::Todo;
pub use user::User;
pub use write::{
    ChangeItem, ChangeTodo, Checklist, ClearTodos, Command, CreateItem, CreateTodo, DeleteItem,
    DeleteTodo, Effect, Loaded, Loads, Operation, Refusal, ReplaceItem, ReplaceTodo, Replaced,
    Request, decide,
};
