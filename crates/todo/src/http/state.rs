use sabr::Sabr;
use todo_core::{Clock, Ids};

use crate::db::Db;

/// The state that handlers share.
#[derive(Clone, Debug)]
pub struct App {
    /// The access to the store.
    pub db: Db,
    /// The clock that handlers read.
    pub clock: Clock,
    /// The generator of the ids of new objects.
    pub ids: Ids,
    /// The runtime of requests, and the ledger of their time.
    pub sabr: Sabr,
}
