//! How connections are opened.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, OpenFlags};

use crate::error::Kind;
use crate::{Error, Options, Synchronous};

/// Room for the statements of an ordinary service: rusqlite's own 16 are soon used up.
const STATEMENTS: usize = 128;

/// Pragmas whose value is a question, not a setting.
const ASKING: &[&str] = &[
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// Set while a caller's closure runs on the writing connection: then transactions are not to be
/// touched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fence(Arc<AtomicBool>);

impl Fence {
    pub(crate) fn set(&self, up: bool) {
        // Read and written by the thread that has the connection, and only there.
        self.0.store(up, Ordering::Relaxed);
    }

    fn is_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Opens the connection that writes. The file has to exist.
pub(crate) fn writer(options: &Options, fence: &Fence) -> Result<Connection, Error> {
    let open = || match &options.path {
        Some(path) => Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        ),
        None => Connection::open_in_memory(),
    };
    let configured = open().and_then(|mut conn| {
        configure(&mut conn, options)?;
        let synchronous = match options.synchronous {
            Synchronous::Full => "full",
            Synchronous::Normal => "normal",
            Synchronous::Off => "off",
        };
        conn.pragma_update(None, "synchronous", synchronous)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        let (fence, commits) = (fence.clone(), fence.clone());
        conn.authorizer(Some(move |context: AuthContext<'_>| {
            authorize(&fence, &context)
        }))?;
        // A full disk makes SQLite end the transaction under a closure. What that goes on to write
        // would commit itself, and stay although the write is answered with an error.
        conn.commit_hook(Some(move || commits.is_up()))?;
        Ok(conn)
    });
    configured.map_err(|source| cannot_open(options, source))
}

/// Puts the database into WAL mode and checkpoints it, so that a copy of the main file alone has
/// all tables.
pub(crate) fn enter_wal(conn: &Connection, options: &Options) -> Result<(), Error> {
    let set = conn.pragma_update(None, "journal_mode", "wal");
    // Passive, so that it does not wait for readers and writers of other processes. After a
    // migration that renames a table, the preceding pragma leaves a read transaction open; the next
    // statement ends it.
    let checkpoint = "SELECT 1 FROM sqlite_schema; PRAGMA wal_checkpoint(PASSIVE)";
    set.and_then(|()| conn.execute_batch(checkpoint))
        .map_err(|source| cannot_open(options, source))
}

pub(crate) fn cannot_open(options: &Options, source: rusqlite::Error) -> Error {
    let path = options.path.as_deref().unwrap_or(Path::new(":memory:"));
    let path = path.to_owned();
    Kind::Open { path, source }.into()
}

/// Opens a connection that reads, and cannot write.
pub(crate) fn reader(path: &Path, options: &Options) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags)?;
    configure(&mut conn, options)?;
    Ok(conn)
}

/// Opens the connection that looks for damage. It waits for no lock.
pub(crate) fn searcher(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::ZERO)?;
    Ok(conn)
}

fn configure(conn: &mut Connection, options: &Options) -> rusqlite::Result<()> {
    conn.busy_timeout(options.busy_timeout)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Why: without this, SQLite prepares a statement anew when a bound value could change its query
    // plan. That happens for every `LIMIT` parameter, and for ranges after `ANALYZE`.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    options.on_open.iter().try_for_each(|hook| (hook.0)(conn))
}

/// A closure works inside a transaction that others share: it may not end it, nor change what it
/// means.
fn authorize(fence: &Fence, context: &AuthContext<'_>) -> Authorization {
    let forbidden = matches!(
        context.action,
        AuthAction::Transaction { .. }
            | AuthAction::Savepoint { .. }
            | AuthAction::Attach { .. }
            | AuthAction::Detach { .. }
    ) || matches!(
        context.action,
        AuthAction::Pragma { pragma_name, pragma_value: Some(_) }
            if !ASKING.iter().any(|name| name.eq_ignore_ascii_case(pragma_name))
    );
    if forbidden && fence.is_up() {
        Authorization::Deny
    } else {
        Authorization::Allow
    }
}
