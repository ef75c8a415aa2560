use sabr::Sabr;
use todo_core::{Clock, Ids};

use crate::db::Db;

/// What handlers work with.
#[derive(Clone, Debug)]
pub struct App {
    /// The access to the store.
    pub db: Db,
    /// The present time.
    pub clock: Clock,
    /// The ids of what is new.
    pub ids: Ids,
    /// Where requests run, and the ledger of their time.
    pub sabr: Sabr,
}
