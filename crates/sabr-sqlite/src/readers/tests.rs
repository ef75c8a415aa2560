use futures_util::FutureExt;

use super::*;
use crate::{Database, open};

use crate::queue::Wake;

/// The writer neither wakes up without a reason nor misses one. Either fault makes this test hang.
#[test]
fn the_writer_is_woken_for_the_first_view_and_rests_after_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let options = Database::options(&path);
    let _writer = open::writer(&options).unwrap();
    let queue = Arc::new(Queue::new(1));
    let readers = Readers::open(&path, &options, Arc::clone(&queue)).unwrap();
    let readers = Arc::new(readers);
    let read = || {
        let tables = "SELECT count(*) FROM sqlite_schema";
        let read = readers.read(|conn| Ok::<_, Error>(conn.query_row(tables, [], |_| Ok(()))?));
        read.now_or_never().unwrap().unwrap();
    };
    for _ in 0..3 {
        read();
        assert_eq!(queue.wait(None), Wake::Other);
        // While the writer releases snapshots by itself, another one does not nudge it.
        read();
        assert_eq!(queue.wait(Some(Duration::ZERO)), Wake::Other);
        while readers.release_outdated().is_some() {
            std::thread::yield_now();
        }
        let idle = readers.idle();
        assert!(!idle.watched);
        let is_useful = |snapshot: &Snapshot| snapshot.is_useful(0, Instant::now());
        assert!(!idle.snapshots.iter().any(is_useful));
    }
}
