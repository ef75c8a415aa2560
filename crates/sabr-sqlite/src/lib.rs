//! SQLite for async services: group-committed durable writes, concurrent reads.
//!
//! SQLite has one writer at a time, and a durable commit costs an `fsync`. One thread therefore
//! owns the one writing connection. [`Database::write`] queues a closure for it; the thread takes
//! every closure that waits, runs each in a savepoint of its own inside one transaction, commits
//! once, and only then answers them all. One `fsync` serves hundreds of requests, and no one waits
//! longer than for their own commit. [`Database::read`] runs beside that, on connections that
//! cannot write.
//!
//! ```
//! use sabr_sqlite::{Database, Error, Migration};
//!
//! const MIGRATIONS: &[Migration] = &[Migration::new(
//!     "0001_notes",
//!     "CREATE TABLE notes (text TEXT NOT NULL) STRICT",
//! )];
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let db = Database::in_memory().migrations(MIGRATIONS).open()?;
//! let id = db
//!     .write(|tx| {
//!         tx.execute("INSERT INTO notes VALUES (?1)", ["patience"])?;
//!         Ok::<_, Error>(tx.last_insert_rowid())
//!     })
//!     .await?; // Now it is on disk, were this a file.
//! let text: String = db
//!     .read(move |conn| {
//!         let sql = "SELECT text FROM notes WHERE rowid = ?1";
//!         Ok::<_, Error>(conn.query_row(sql, [id], |row| row.get(0))?)
//!     })
//!     .await?;
//! assert_eq!(text, "patience");
//! db.close().await?;
//! # Ok::<_, Error>(()) }).unwrap();
//! ```
//!
//! # Reads and the event loop
//!
//! A short read runs on the thread of its caller, because a hop to another thread would take longer
//! than the read. A read that exceeds [`Options::read_budget`] is interrupted and runs again on
//! another thread. So a query without an index holds up the event loop for half a millisecond, not
//! for seconds. [`Database::read`] lists what cannot be interrupted.
//!
//! # The length of the write-ahead log
//!
//! An open snapshot stops SQLite from resetting the write-ahead log (WAL). A reading connection
//! keeps its snapshot for the next read, but only for milliseconds, and never past a commit. The
//! WAL is checkpointed at 16 MB, after the callers of the commit have been answered. If readers of
//! this or other processes have stopped the reset until 33 MB, a checkpoint waits for them to
//! finish. A long read stops the reset for as long as it runs, up to [`Options::wal_limit`].
//! [`Statistics::wal_bytes`] gives the current length.
//!
//! # What is promised
//!
//! When [`Database::write`] answers `Ok`, what the closure wrote is committed, and every read that
//! begins afterwards sees it. What a commit survives depends on [`Synchronous`]; with
//! [`Synchronous::Full`], the default, it survives the death of the process, of the operating
//! system, and of the power supply, provided that the file system and the disk keep what they have
//! confirmed to `fsync`. An in-memory database survives nothing.
//!
//! When it answers `Err`, nothing of the closure is in the database, with one exception that no
//! database can take away: if the disk fails in the middle of a commit, whether that commit is
//! found after a restart is open.
//!
//! Every call is answered. A panic in a closure, in the drop of a value or in the log affects only
//! its own caller. If the writer thread itself panics, the calls that ran or waited fail with
//! [`Error::is_writer_ended`]. The writer then continues with a new connection to the file or, in
//! memory, with the one connection that holds the content. A call waits for another process's lock
//! for [`Options::busy_timeout`]. Then it fails with [`Error::is_busy`], and so do all calls that
//! wait.
//!
//! A write whose future is dropped is carried out all the same: it may be running already.

mod backup;
mod budget;
mod check;
mod connection;
mod copy;
mod database;
mod error;
mod identity;
mod inode;
mod inspect;
mod location;
mod migrate;
mod migration;
mod open;
mod options;
mod panic;
mod permits;
mod primitives;
mod queue;
mod readers;
mod restore;
mod single;
mod snapshot;
mod statistics;
mod supervisor;
mod wal;
mod write;
mod writer;

pub use rusqlite;

pub use backup::IfExists;
pub use database::Database;
pub use error::Error;
pub use migration::Migration;
pub use options::{Options, Synchronous};
pub use statistics::{Buckets, Statistics};
pub use write::WriteTx;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
