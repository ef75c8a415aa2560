//! Databases for the tests.

use std::sync::mpsc;

use sabr_sqlite::{Database, Error, Migration, Options};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration::new(
    "0001_notes",
    "CREATE TABLE notes (text TEXT NOT NULL UNIQUE CHECK (text <> 'bad')) STRICT",
)];

pub(crate) fn in_folder(folder: &TempDir) -> Options {
    Database::options(folder.path().join("test.db")).migrations(MIGRATIONS)
}

pub(crate) fn open() -> (Database, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (in_folder(&folder).open().unwrap(), folder)
}

pub(crate) async fn insert(db: &Database, text: &str) -> Result<(), Error> {
    let text = text.to_owned();
    db.write(move |tx| {
        tx.execute("INSERT INTO notes VALUES (?1)", [text])?;
        Ok(())
    })
    .await
}

pub(crate) async fn texts(db: &Database) -> Vec<String> {
    db.read(|conn| {
        let mut statement = conn.prepare("SELECT text FROM notes ORDER BY text")?;
        let texts = statement.query_map([], |row| row.get(0))?;
        Ok::<_, Error>(texts.collect::<Result<_, _>>()?)
    })
    .await
    .unwrap()
}

/// Keeps the writer busy, so that all calls queued meanwhile share the next transaction.
pub(crate) struct Held {
    release: mpsc::Sender<()>,
    holder: JoinHandle<Result<(), Error>>,
}

pub(crate) async fn hold(db: &Database) -> Held {
    let (release, released) = mpsc::channel();
    let (running, runs) = tokio::sync::oneshot::channel();
    let db = db.clone();
    let holder = tokio::spawn(async move {
        db.write(move |_| {
            running.send(()).unwrap();
            released.recv().unwrap();
            Ok(())
        })
        .await
    });
    runs.await.unwrap();
    Held { release, holder }
}

impl Held {
    pub(crate) async fn release(self) {
        self.release.send(()).unwrap();
        self.holder.await.unwrap().unwrap();
    }

    /// Like `release`, but expects the commit of the transaction to fail.
    pub(crate) async fn fail(self) {
        self.release.send(()).unwrap();
        assert!(self.holder.await.unwrap().unwrap_err().is_commit_failed());
    }
}

/// Lets other tasks run until this many calls wait for the writer.
pub(crate) async fn queued(db: &Database, count: usize) {
    while db.statistics().queue_length < count {
        tokio::task::yield_now().await;
    }
}
