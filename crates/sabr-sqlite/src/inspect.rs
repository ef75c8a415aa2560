//! Inspects a file before anything is written to it or beside it.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::{Instant, SystemTime};

use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::identity::{self, Identity, refused};
use crate::location::{RETRY, failed, holds_something, sidecar};
use crate::{Error, Options, connection};

/// The magic number of a WAL. The last bit is the byte order of its checksums.
const WAL_MAGIC: u32 = 0x377f_0682;

/// What the path of the database leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// An empty file.
    EmptyFile,
    /// A database of this program.
    Ours,
}

/// A database opened without a lock, without recovery and without creating a file beside it.
pub(crate) struct Untouched {
    pub(crate) conn: Connection,
    /// The folder of the copy, if one had to be made.
    _copy: Option<TempDir>,
}

/// Taken while a database is inspected, and while one is opened for writing.
///
/// The connections of a process share one mapping of the WAL index. A connection that is opened
/// while [`Untouched`] has mapped it read-only could not write.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock()
}

/// Classifies the file, or refuses it. Changes nothing.
///
/// `path` is resolved: no symbolic link leads to it.
pub(crate) fn inspect(path: &Path, options: &Options) -> Result<Found, Error> {
    let began = Instant::now();
    loop {
        let before = shape(path);
        match inspect_once(path, options) {
            // Another process closed the database meanwhile, and removed its WAL.
            Err(error)
                if !error.is_refused()
                    && !error.is_migration()
                    && shape(path) != before
                    && began.elapsed() < options.busy_timeout =>
            {
                thread::sleep(RETRY);
            }
            inspected => return inspected.map_err(|error| error.while_opening(path)),
        }
    }
}

fn inspect_once(path: &Path, options: &Options) -> Result<Found, Error> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return alone(path, options, Found::Nothing);
        }
        Err(error) => return Err(failed(format!("open {}", path.display()), &error)),
    };
    if !found.is_file() {
        let why = "it is not a regular file; name a file, or a new name in an existing folder";
        return Err(refused(options, why.to_owned()));
    }
    if found.len() == 0 {
        return alone(path, options, Found::EmptyFile);
    }
    // The header alone may show that the file is not ours, whatever the WAL contains.
    let main = Untouched::open_main(path, options)?;
    let mut id = match identity::application_id(&main.conn) {
        Ok(id) => id,
        // A loss of power in the middle of a checkpoint leaves such a file. The WAL still has all
        // pages, and SQLite recovers from it.
        Err(error) if is_damage(&error) && holds_frames(&sidecar(path, "-wal")) => 0,
        Err(error) => return Err(unreadable(options, error)),
    };
    if id == 0 || options.application_id.is_none_or(|ours| ours == id) {
        let whole = Untouched::open(path, options)?;
        id = identity::application_id(&whole.conn).map_err(|error| unreadable(options, error))?;
        let identity = identity::examine(&whole.conn, options)?;
        // A copy of the main file looks like this too, if an earlier version was writing to it.
        let has_id = options.application_id.is_some();
        if identity == Identity::Empty && has_id && is_in_wal_mode(path) {
            return Err(identity::without_tables(options));
        }
    } else {
        identity::examine(&main.conn, options)?;
    }
    if options.application_id.is_some() && id == 0 && holds_something(&sidecar(path, "-journal")) {
        let why = "another program was interrupted while it wrote to it, and left a -journal file; \
                   open it with that program, or name another file";
        return Err(refused(options, why.to_owned()));
    }
    Ok(Found::Ours)
}

/// Whether a restore may replace this file. It may, also if the file has lost its tables or was
/// written by a newer version.
pub(crate) fn check_replaceable(path: &Path, options: &Options) -> Result<(), Error> {
    let main = Untouched::open_main(path, options)?;
    let id = identity::application_id(&main.conn).map_err(|error| unreadable(options, error))?;
    let is_empty = id == 0 && !identity::has_tables(&main.conn).unwrap_or(true);
    if id != 0 && Some(id) == options.application_id || is_empty {
        return Ok(());
    }
    inspect(path, options).map(drop)
}

/// Without a database there must be no file beside it either: SQLite would delete an orphaned WAL.
fn alone(path: &Path, options: &Options, found: Found) -> Result<Found, Error> {
    for suffix in ["-wal", "-journal"] {
        let beside = sidecar(path, suffix);
        if holds_something(&beside) {
            let is = match found {
                Found::Nothing => "missing",
                _ => "empty",
            };
            let why = format!(
                "it is {is}, but {} lies beside it and may hold data; put back the database that belongs \
                 to that file or restore a backup, or move that file away to begin with an empty database",
                beside.display()
            );
            return Err(refused(options, why));
        }
    }
    Ok(found)
}

impl Untouched {
    /// Opens the file together with the content of its WAL.
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        if !holds_frames(&sidecar(path, "-wal")) {
            return Self::open_main(path, options);
        }
        if sidecar(path, "-shm").exists() {
            // SQLite then reads the WAL without writing to its index.
            let conn = open(path, "mode=ro&readonly_shm=1", options)?;
            return Ok(Self { conn, _copy: None });
        }
        // Without an index, SQLite would create one here. Only a database that no process has open
        // lacks its index, so its files can be copied safely.
        let copy = tempfile::tempdir().and_then(|folder| {
            let to = folder.path().join("copy");
            fs::copy(path, &to)?;
            fs::copy(sidecar(path, "-wal"), sidecar(&to, "-wal"))?;
            Ok((folder, to))
        });
        let tried = || format!("read {} and its -wal file", path.display());
        let (folder, to) = copy.map_err(|error| failed(tried(), &error))?;
        Ok(Self {
            conn: open(&to, "mode=rw", options)?,
            _copy: Some(folder),
        })
    }

    /// Opens the file without its WAL.
    fn open_main(path: &Path, options: &Options) -> Result<Self, Error> {
        // Opened as immutable: SQLite takes no lock and rolls no journal back.
        let conn = open(path, "mode=ro&immutable=1", options)?;
        Ok(Self { conn, _copy: None })
    }
}

fn open(path: &Path, query: &str, options: &Options) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(uri(path, query), flags)
        .map_err(|error| unreadable(options, error))?;
    conn.busy_timeout(options.busy_timeout)?;
    Ok(conn)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    code == Some(rusqlite::ErrorCode::DatabaseCorrupt)
}

fn unreadable(options: &Options, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            let why = "it is not an SQLite database; name another file";
            refused(options, why.to_owned())
        }
        // The message names the URI, which says no more than the path.
        Some(rusqlite::ErrorCode::CannotOpen) => {
            let path = options.path.as_deref().unwrap_or(Path::new(""));
            // The system knows why, and SQLite does not say.
            if let Err(error) = fs::File::open(path) {
                return failed(format!("open {}", path.display()), &error);
            }
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
            let error = rusqlite::Error::SqliteFailure(code, None);
            connection::cannot_open(options, error)
        }
        _ => connection::cannot_open(options, error),
    }
}

/// A path as an SQLite URI. Every byte with a meaning in URIs is escaped.
fn uri(path: &Path, query: &str) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = "file://".to_owned();
    if !cfg!(unix) {
        uri.push('/');
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if !cfg!(unix) => uri.push('/'),
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("{uri}?{query}")
}

/// Whether SQLite would find frames in this WAL: its header is valid, and more follows. Otherwise a
/// reader without write access to the index tries for ten seconds and then gives up.
fn holds_frames(wal: &Path) -> bool {
    let mut header = [0; 33];
    let read = fs::File::open(wal).and_then(|mut file| file.read_exact(&mut header));
    let number = |at: usize| {
        let bytes = header[at..at + 4].try_into().unwrap_or_default();
        u32::from_be_bytes(bytes)
    };
    let page_size = number(8);
    read.is_ok()
        && number(0) & !1 == WAL_MAGIC
        && page_size.is_power_of_two()
        && (512..=65_536).contains(&page_size)
}

/// Byte 19 of the header is the read version: 2 means WAL.
fn is_in_wal_mode(path: &Path) -> bool {
    let mut header = [0; 20];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header[19] == 2
}

/// The lengths and modification times of the files of the database.
fn shape(path: &Path) -> [Option<(u64, Option<SystemTime>)>; 4] {
    ["", "-wal", "-shm", "-journal"].map(|suffix| {
        let found = fs::metadata(sidecar(path, suffix)).ok()?;
        Some((found.len(), found.modified().ok()))
    })
}

/// The identity of a file, independent of its name.
#[cfg(unix)]
pub(crate) fn number(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// This system gives files no identity that is independent of their names.
#[cfg(not(unix))]
pub(crate) fn number(_: &Path) -> Option<(u64, u64)> {
    None
}
