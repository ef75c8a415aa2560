use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::*;
use crate::inode::Files;
use crate::write::{Effect, Outcome, Pending};
use crate::{Database, Options, Statistics, WriteTx, open};

/// A call that panics where a [`Pending`] call cannot.
struct Saboteur {
    run: fn(&Connection),
}

impl Call for Saboteur {
    fn run(&mut self, conn: &Connection) -> Effect {
        (self.run)(conn);
        Effect::None
    }

    fn answer(self: Box<Self>, _: Result<(), Error>) {
        panic!("sabotage");
    }
}

fn panics(_: &Connection) {
    panic!("sabotage");
}

/// A writer whose thread starts after its queue has been filled.
struct Bench {
    queue: Arc<Queue>,
    statistics: Arc<Mutex<Statistics>>,
    writer: Option<Writer>,
}

type Reply = oneshot::Receiver<Outcome<usize, Error>>;

impl Bench {
    fn new(options: &Options) -> Self {
        let open::Opened {
            mut conn, fence, ..
        } = open::writer(options).unwrap();
        let wal = Wal::watch(&mut conn, options).unwrap();
        conn.execute_batch("CREATE TABLE IF NOT EXISTS notes (text TEXT) STRICT")
            .unwrap();
        let queue = Arc::new(Queue::new(100));
        let statistics = Arc::default();
        let writer = Writer {
            conn,
            options: options.clone(),
            fence,
            files: options.path.as_deref().map(|path| Files::of(path).unwrap()),
            queue: Arc::clone(&queue),
            readers: None,
            wal,
            statistics: Arc::clone(&statistics),
            damage: Arc::default(),
            doubt: Arc::default(),
            committed: false,
        };
        Self {
            queue,
            statistics,
            writer: Some(writer),
        }
    }

    fn start(&mut self) -> JoinHandle<Result<(), Error>> {
        let writer = self.writer.take().unwrap();
        thread::spawn(move || run(writer))
    }

    fn insert(&self, text: &'static str) -> Reply {
        let insert =
            move |tx: &WriteTx<'_>| Ok(tx.execute("INSERT INTO notes VALUES (?1)", [text])?);
        let (call, reply) = Pending::new(insert, Effect::Commit);
        if let Err(error) = self.queue.push(Box::new(call)) {
            let (send, reply) = oneshot::channel();
            let _ = send.send(Err(error));
            return reply;
        }
        reply
    }

    fn count(&self) -> u32 {
        let count = |tx: &WriteTx<'_>| {
            Ok::<_, Error>(tx.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))?)
        };
        let (call, reply) = Pending::new(count, Effect::None);
        self.queue.push(Box::new(call)).unwrap();
        reply.blocking_recv().unwrap().unwrap().unwrap()
    }

    fn sabotage(&self, run: fn(&Connection)) {
        self.queue.push(Box::new(Saboteur { run })).unwrap();
    }

    fn restarts(&self) -> u64 {
        lock(&self.statistics).restarts
    }
}

fn file(folder: &TempDir) -> Options {
    Database::options(folder.path().join("test.db"))
}

#[track_caller]
fn ended(reply: Reply) -> Error {
    let error = reply.blocking_recv().unwrap().unwrap_err();
    assert!(error.is_writer_ended(), "{error}");
    error
}

#[track_caller]
fn written(reply: Reply) {
    assert_eq!(reply.blocking_recv().unwrap().unwrap().unwrap(), 1);
}

#[test]
fn a_writer_that_panics_answers_all_and_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    for options in [file(&folder), Database::in_memory()] {
        for size in [1, 256] {
            let mut bench = Bench::new(&options.clone().batch_size(size));
            let before = bench.insert("before");
            bench.sabotage(panics);
            let after = bench.insert("after");
            let thread = bench.start();
            // With one call per transaction, the first was committed and answered before the panic.
            match size {
                1 => written(before),
                _ => drop(ended(before)),
            }
            ended(after);
            written(bench.insert("again"));
            assert_eq!(bench.restarts(), 1);
            bench.queue.end();
            thread.join().unwrap().unwrap();
        }
    }
    let conn = Connection::open(folder.path().join("test.db")).unwrap();
    let count = "SELECT group_concat(text ORDER BY rowid) FROM notes";
    let texts: String = conn.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(texts, "before,again,again");
}

#[test]
fn a_database_in_memory_keeps_its_content_when_the_writer_panics() {
    let mut bench = Bench::new(&Database::in_memory());
    let thread = bench.start();
    written(bench.insert("kept"));
    bench.sabotage(panics);
    // It is answered, whether it arrives before or after the panic.
    drop(bench.insert("perhaps").blocking_recv().unwrap());
    assert!(bench.count() >= 1);
    assert_eq!(bench.restarts(), 1);
    bench.queue.end();
    thread.join().unwrap().unwrap();
}

#[test]
fn a_call_that_panics_in_its_answer_costs_nobody_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(&file(&folder));
    let before = bench.insert("before");
    bench.sabotage(|_| {});
    let after = bench.insert("after");
    let thread = bench.start();
    written(before);
    written(after);
    assert_eq!(bench.restarts(), 0);
    bench.queue.end();
    thread.join().unwrap().unwrap();
}

/// The file of [`loses_its_file`].
fn away(path: &str) -> String {
    format!("{path}.away")
}

fn loses_its_file(conn: &Connection) {
    let path = conn.path().unwrap();
    std::fs::rename(path, away(path)).unwrap();
    panic!("sabotage");
}

#[cfg(unix)]
#[test]
fn a_writer_that_cannot_be_started_again_answers_with_the_reason_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let mut bench = Bench::new(&file(&folder));
    bench.sabotage(loses_its_file);
    let queued = bench.insert("queued");
    let thread = bench.start();
    ended(queued);
    for _ in 0..2 {
        let error = ended(bench.insert("never"));
        assert!(error.to_string().contains("was moved"), "{error}");
    }
    let path = path.to_str().unwrap();
    std::fs::rename(away(path), path).unwrap();
    written(bench.insert("again"));
    assert_eq!(bench.restarts(), 1);
    bench.queue.end();
    thread.join().unwrap().unwrap();
}

#[cfg(unix)]
#[test]
fn closing_is_answered_while_the_writer_cannot_be_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(&file(&folder));
    bench.sabotage(loses_its_file);
    let queued = bench.insert("queued");
    let thread = bench.start();
    ended(queued);
    bench.queue.end();
    let error = thread.join().unwrap().unwrap_err();
    assert!(error.is_writer_ended(), "{error}");
    let late = bench.insert("late").blocking_recv().unwrap();
    assert!(late.unwrap_err().is_closed());
}

#[test]
fn a_full_database_says_so_to_all_and_takes_writes_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(&file(&folder));
    let writer = bench.writer.as_ref().unwrap();
    writer
        .conn
        .pragma_update(None, "max_page_count", 2)
        .unwrap();
    let large =
        |tx: &WriteTx<'_>| Ok(tx.execute("INSERT INTO notes VALUES (hex(zeroblob(50000)))", [])?);
    let innocent = bench.insert("innocent");
    let (call, full) = Pending::new(large, Effect::Commit);
    bench.queue.push(Box::new(call)).unwrap();
    let thread = bench.start();
    let full: Outcome<usize, Error> = full.blocking_recv().unwrap();
    assert!(full.unwrap().unwrap_err().is_full());
    let innocent = innocent.blocking_recv().unwrap().unwrap_err();
    assert!(innocent.is_full(), "{innocent}");
    assert!(innocent.is_commit_failed(), "{innocent}");
    written(bench.insert("small"));
    bench.queue.end();
    thread.join().unwrap().unwrap();
}
