use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::answer;
use crate::peer::Peer;
use crate::reads::create;

/// The length of the WAL is sampled once in this many operations.
const LOOK_EVERY: usize = 50;

pub(crate) async fn run(operations: usize) {
    println!("{operations} operations: PATCH and GET in turn; the longest WAL in MB, and the last");
    for (name, services, clients, followers) in [
        ("one client", 1, 1, 0),
        ("one client, one follower of /events", 1, 1, 1),
        ("64 clients, one follower", 1, 64, 1),
        ("two services, 8 clients each", 2, 8, 0),
    ] {
        let folder = tempfile::tempdir_in(".").expect("a folder can be made here");
        let file = folder.path().join("todo.db").display().to_string();
        let peers: Vec<_> = (0..services)
            .map(|_| Peer::todo(&["--database", &file, "--log-level", "warn"]))
            .collect();
        for _ in 0..followers {
            tokio::spawn(follow(peers[0].address.clone()));
        }
        let wal = format!("{file}-wal");
        let longest = mixed(&peers, clients, operations, &wal).await;
        println!(
            "{name:36} {:6.1} {:6.1}",
            megabytes(longest),
            megabytes(length(&wal))
        );
    }
}

/// Runs this many operations, alternately writes and reads, shared among all clients. Returns the
/// longest WAL in bytes.
async fn mixed(peers: &[Peer], clients: usize, operations: usize, wal: &str) -> usize {
    let (path, _) = create(&peers[0].address);
    let left = Arc::new(AtomicUsize::new(operations));
    let mut turns = Vec::new();
    for address in peers
        .iter()
        .flat_map(|peer| vec![peer.address.clone(); clients])
    {
        let (path, wal, left) = (path.clone(), wal.to_owned(), Arc::clone(&left));
        turns.push(tokio::spawn(turn(address, path, wal, left)));
    }
    let mut longest = 0;
    for turn in turns {
        longest = longest.max(turn.await.expect("a client ends in order"));
    }
    longest
}

async fn turn(address: String, path: String, wal: String, left: Arc<AtomicUsize>) -> usize {
    let mut stream = TcpStream::connect(&address)
        .await
        .expect("the peer listens");
    stream.set_nodelay(true).expect("TCP_NODELAY can be set");
    let mut buffer = Vec::new();
    let mut longest = 0;
    let next = || {
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(2)
        })
    };
    while let Ok(left) = next() {
        let body = format!(r#"{{"title":"operation {left}"}}"#);
        let patch = format!(
            "PATCH {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/merge-patch+json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let get = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        for request in [patch, get] {
            stream
                .write_all(request.as_bytes())
                .await
                .expect("the peer reads");
            answer(&mut stream, &mut buffer).await;
        }
        if left % LOOK_EVERY == 0 {
            longest = longest.max(length(&wal));
        }
    }
    longest
}

/// Reads the `/events` stream until the peer closes it.
async fn follow(address: String) {
    let mut stream = TcpStream::connect(&address)
        .await
        .expect("the peer listens");
    let request = format!("GET /events HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the peer reads");
    let mut buffer = vec![0; 64 << 10];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

fn length(wal: impl AsRef<Path>) -> usize {
    std::fs::metadata(wal).map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "a length in megabytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
