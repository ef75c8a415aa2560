//! The database file: its path, the files beside it, and its creation.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::{NamedTempFile, TempPath};

use crate::connection::{self, Fence};
use crate::error::Kind;
use crate::{Error, Options, Synchronous, migrate};

/// The most symbolic links that are followed.
const LINKS_MAX: usize = 16;

/// The pause before a retry when another process is in the way.
pub(crate) const RETRY: Duration = Duration::from_millis(10);

/// The suffixes of the files that SQLite keeps beside a database: the WAL, its index, and the
/// rollback journal.
pub(crate) const SIDECARS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The path of a file that SQLite keeps beside this database.
pub(crate) fn sidecar(database: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(suffix);
    name.into()
}

/// Resolves symbolic links, even if the last one points to a missing file. SQLite keeps its other
/// files beside the resolved one.
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        match fs::canonicalize(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            resolved => return resolved,
        }
        let Ok(target) = fs::read_link(&path) else {
            return Ok(fs::canonicalize(folder(&path))?.join(path.file_name().unwrap_or_default()));
        };
        path = folder(&path).join(target);
    }
    Err(io::Error::other("too many symbolic links"))
}

/// The folder of the file.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Whether the file exists and is not empty.
pub(crate) fn holds_something(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.len() > 0)
}

/// A temporary file in the folder of `path`, with mode 0600. It is removed when dropped, unless it
/// is given its name.
pub(crate) fn temporary(path: &Path) -> io::Result<TempPath> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".partial")
        .tempfile_in(folder(path))
        .map_err(without_name)?;
    Ok(NamedTempFile::into_temp_path(file))
}

/// The error without the name of the temporary file, which nobody has asked for.
fn without_name(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Other => error,
        kind => kind.into(),
    }
}

/// Renames a temporary file, unless a file of that name exists.
pub(crate) fn name_new(temporary: TempPath, path: &Path) -> io::Result<()> {
    match fs::hard_link(&temporary, path) {
        Ok(()) => temporary.close(),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not all file systems have hard links.
        Err(_) => temporary
            .persist_noclobber(path)
            .map_err(|refused| refused.error),
    }
}

/// Syncs the file to disk.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    // Some systems sync only a file that was opened for writing.
    File::options().write(true).open(path)?.sync_all()
}

/// Syncs the folder: otherwise a loss of power may undo a rename.
pub(crate) fn sync_folder(of: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder(of))?.sync_all()?;
    }
    Ok(())
}

/// Locks the folder while it lives, so that two processes do not fill the same empty file. SQLite
/// cannot prevent that: a process that reads the file before the lock sees half a database.
pub(crate) fn lock_folder(of: &Path, patience: Duration) -> Option<File> {
    // A folder that can't be locked is no reason to refuse the file.
    let folder = File::open(folder(of)).ok()?;
    let began = Instant::now();
    while let Err(TryLockError::WouldBlock) = folder.try_lock() {
        if began.elapsed() > patience {
            return None;
        }
        thread::sleep(RETRY);
    }
    Some(folder)
}

/// Creates a database under this name. It is complete and synced before it gets the name. Returns
/// `false` if another process created one first.
pub(crate) fn create(path: &Path, options: &Options) -> Result<bool, Error> {
    let tried = || format!("make the database {}", path.display());
    let temporary = temporary(path).map_err(|error| failed(tried(), &error))?;
    let filling = Options {
        path: Some(temporary.to_path_buf()),
        synchronous: Synchronous::Off,
        ..options.clone()
    };
    let fence = Fence::default();
    let mut conn = connection::writer(&filling, &fence)?;
    migrate::apply(&mut conn, &fence, &filling)?;
    connection::enter_wal(&conn, &filling)?;
    conn.close().map_err(|(_, error)| error)?;
    sync(&temporary).map_err(|error| failed(tried(), &error))?;
    match name_new(temporary, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(tried(), &error)),
    }
}

/// An error of the file system, with advice.
pub(crate) fn failed(tried: String, error: &io::Error) -> Error {
    let advice = match error.kind() {
        io::ErrorKind::NotFound => "; check the path, and that its folder exists",
        io::ErrorKind::PermissionDenied => {
            "; check that the file and its folder belong to the user who runs this"
        }
        io::ErrorKind::ReadOnlyFilesystem => "; name a file on a disk that can be written",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space and try again"
        }
        _ => "",
    };
    let why = format!("{error}{advice}");
    Kind::File { tried, why }.into()
}
