//! Opens a path as a database that is ours, up to date and in WAL mode.

use std::path::Path;

use rusqlite::Connection;

use crate::connection::{self, Fence};
use crate::error::Kind;
use crate::inspect::{self, Found, inspect};
use crate::{Error, Options, location, migrate};

/// The writing connection, on a database that is ours and up to date.
pub(crate) struct Opened {
    pub(crate) conn: Connection,
    pub(crate) fence: Fence,
    pub(crate) is_new: bool,
}

/// How often the file is inspected again because another process created or replaced it meanwhile.
const ATTEMPTS: usize = 5;

/// Opens the database of these options. Creates it or migrates it if necessary.
pub(crate) fn writer(options: &Options) -> Result<Opened, Error> {
    let Some(path) = &options.path else {
        let fence = Fence::default();
        let mut conn = connection::writer(options, &fence)?;
        migrate::apply(&mut conn, &fence, options)?;
        let is_new = true;
        return Ok(Opened {
            conn,
            fence,
            is_new,
        });
    };
    for _ in 0..ATTEMPTS {
        let opened = open_file(path, options).map_err(|error| error.while_opening(path));
        if let Some(opened) = opened? {
            return Ok(opened);
        }
    }
    let why = "other processes keep making or replacing it; stop them, and start again".to_owned();
    let tried = format!("open the database {}", path.display());
    Err(Kind::File { tried, why }.into())
}

/// Returns `None` if the path leads to another file by now.
fn open_file(path: &Path, options: &Options) -> Result<Option<Opened>, Error> {
    let tried = || format!("open the database {}", path.display());
    let real = location::resolve(path).map_err(|error| location::failed(tried(), &error))?;
    // A file that another process is filling looks like one that must be refused.
    let mut filling = None;
    let mut found = inspect(&real, options);
    if !matches!(found, Ok(Found::Nothing | Found::Ours)) {
        filling = location::lock_folder(&real, options.busy_timeout);
        found = inspect(&real, options);
    }
    let mut is_new = false;
    if found? == Found::Nothing {
        if !location::create(&real, options)? {
            return Ok(None);
        }
        is_new = true;
    }
    let number = inspect::number(&real);
    let fence = Fence::default();
    let mut conn = connection::writer(options, &fence)?;
    is_new |= migrate::apply(&mut conn, &fence, options)?;
    connection::enter_wal(&conn, options)?;
    drop(filling);
    if is_new {
        location::sync_folder(&real).map_err(|error| location::failed(tried(), &error))?;
    }
    // From here on the connection holds a lock that makes `restore_from` fail. Before that, a
    // restore may have replaced the file, and this connection would write to the former one.
    if inspect::number(&real) != number {
        return Ok(None);
    }
    Ok(Some(Opened {
        conn,
        fence,
        is_new,
    }))
}
