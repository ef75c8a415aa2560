//! Whether writes can be carried out: what [`Database::check`](crate::Database::check) asks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, ErrorCode};

use crate::error::Kind;
use crate::queue::Queue;
use crate::readers::Readers;
use crate::single::{Running, Single};
use crate::write::{Call, Effect};
use crate::{Error, Options, connection};

/// The longest time that one search for damage takes.
const SEARCH: Duration = Duration::from_millis(500);

/// A search without findings is reused for this many times its duration.
const PAUSE: u32 = 50;

/// SQLite reads the clock once per this many steps, which take some tens of microseconds.
const STEPS: i32 = 1000;

/// With fewer free bytes than this, the check writes to find out whether there is room: SQLite may
/// still have free pages in its own files.
#[cfg(unix)]
const ROOM: f64 = 1024.0 * 1024.0;

/// Allocates a new page, and is rolled back.
pub(crate) const WRITE: &str = "CREATE TABLE sabr_check (empty); DROP TABLE sabr_check";

/// Set when a transaction fails; cleared by a check that wrote successfully.
#[derive(Default)]
pub(crate) struct Doubt(AtomicBool);

impl Doubt {
    pub(crate) fn raise(&self) {
        // Only the writer thread reads and writes this flag.
        self.0.store(true, Ordering::Relaxed);
    }

    fn lower(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    fn is_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the last search for damage found.
#[derive(Default)]
pub(crate) struct Damage {
    /// Whether `found` has something, so that the writer takes the lock only then.
    is_there: AtomicBool,
    found: Mutex<Option<Error>>,
}

impl Damage {
    /// Fails while the last search has found damage.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !self.is_there.load(Ordering::Acquire) {
            return Ok(());
        }
        self.lock().clone().map_or(Ok(()), Err)
    }

    /// Keeps a result. Returns whether damage that was found before is gone.
    fn set(&self, found: &Result<(), Error>) -> bool {
        let damage = found.as_ref().err();
        let damage = damage.filter(|error| error.is_damage_found());
        *self.lock() = damage.cloned();
        self.is_there.swap(damage.is_some(), Ordering::AcqRel) && damage.is_none()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Error>> {
        // Nothing panics under this lock.
        self.found.lock()
    }
}

/// Runs the checks of one database, and keeps their last result.
pub(crate) struct Checks {
    path: Option<PathBuf>,
    readers: Option<Arc<Readers>>,
    /// The tables that there were when the database was opened.
    tables: Arc<[String]>,
    doubt: Arc<Doubt>,
    damage: Arc<Damage>,
    writable: Arc<Single>,
    intact: Arc<Single>,
}

impl Checks {
    pub(crate) fn new(
        options: &Options,
        readers: Option<Arc<Readers>>,
        conn: &Connection,
    ) -> Result<Self, Error> {
        Ok(Self {
            path: options.path.clone(),
            readers,
            tables: tables(conn)?.into(),
            doubt: Arc::default(),
            damage: Arc::default(),
            writable: Arc::default(),
            intact: Arc::default(),
        })
    }

    pub(crate) fn damage(&self) -> Arc<Damage> {
        Arc::clone(&self.damage)
    }

    pub(crate) fn doubt(&self) -> Arc<Doubt> {
        Arc::clone(&self.doubt)
    }

    /// Whether the writer can begin a transaction. Where a write is in doubt, it also writes.
    pub(crate) async fn writable(&self, queue: &Queue) -> Result<(), Error> {
        let start = |running| {
            queue.push(Box::new(Probe {
                running,
                path: self.path.clone(),
                tables: Arc::clone(&self.tables),
                doubt: Arc::clone(&self.doubt),
                found: Ok(()),
            }))
        };
        self.writable.ask(start).await
    }

    /// Whether a search of [`SEARCH`] finds no damage in the file.
    pub(crate) async fn intact(&self) -> Result<(), Error> {
        let Some(path) = self.path.clone() else {
            return Ok(());
        };
        let (damage, readers) = (Arc::clone(&self.damage), self.readers.clone());
        let start = |running: Running| {
            tokio::task::spawn_blocking(move || {
                let begun = Instant::now();
                let found = search(&path);
                if damage.set(&found)
                    && let Some(readers) = readers
                {
                    readers.forget_pages();
                }
                running.end(found, begun.elapsed() * PAUSE);
            });
            Ok(())
        };
        self.intact.ask(start).await
    }
}

/// A call to the writer. A reply shows that the writer thread works.
struct Probe {
    running: Running,
    path: Option<PathBuf>,
    tables: Arc<[String]>,
    doubt: Arc<Doubt>,
    found: Result<(), Error>,
}

impl Call for Probe {
    fn run(&mut self, conn: &Connection) -> Effect {
        self.found = missing(conn, &self.tables);
        if self.found.is_err() {
            return Effect::None;
        }
        if !self.doubt.is_up() && self.path.as_deref().is_none_or(has_room) {
            return Effect::None;
        }
        self.found = conn.execute_batch(WRITE).map_err(Error::from);
        match self.found {
            Ok(()) => Effect::Commit,
            Err(_) => Effect::Undo,
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let found = match committed {
            // The data of another call was rejected at the commit, so the transaction got as far as
            // that.
            Err(error) if error.is_of_content() => self.found,
            Err(error) => self.found.and(Err(error)),
            Ok(()) => {
                if self.found.is_ok() {
                    self.doubt.lower();
                }
                self.found
            }
        };
        self.running.end(found, Duration::ZERO);
    }
}

#[cfg(unix)]
fn has_room(path: &Path) -> bool {
    use nix::sys::statvfs::{FsFlags, statvfs};

    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let file_system = statvfs(folder.unwrap_or(Path::new(".")));
    file_system.is_ok_and(|file_system| {
        let room = file_system.blocks_available() as f64 * file_system.fragment_size() as f64;
        room >= ROOM && !file_system.flags().contains(FsFlags::ST_RDONLY)
    })
}

#[cfg(not(unix))]
fn has_room(_: &Path) -> bool {
    true
}

fn tables(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut names = conn.prepare_cached("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let names = names.query_map([], |row| row.get(0))?;
    names.collect()
}

/// Fails if one of these tables is gone.
fn missing(conn: &Connection, expected: &[String]) -> Result<(), Error> {
    let found = tables(conn)?;
    match expected.iter().find(|name| !found.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let finding = format!("another program has removed the table {name}");
            Err(Kind::Damaged { finding }.into())
        }
    }
}

/// Looks for damage, on a fresh connection with an empty page cache.
fn search(path: &Path) -> Result<(), Error> {
    let mut conn = connection::searcher(path)?;
    let until = Instant::now() + SEARCH;
    conn.progress_handler(STEPS, Some(move || Instant::now() >= until))?;
    // Constraints on row contents are the application's business, so they are not checked.
    conn.pragma_update(None, "ignore_check_constraints", true)?;
    let found = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match found {
        Ok(finding) if finding == "ok" => Ok(()),
        Ok(finding) => Err(Kind::Damaged { finding }.into()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(()),
        Err(error) => {
            let error = Error::from(error);
            if error.is_corrupt() {
                let finding = error.to_string();
                return Err(Kind::Damaged { finding }.into());
            }
            Err(error)
        }
    }
}
