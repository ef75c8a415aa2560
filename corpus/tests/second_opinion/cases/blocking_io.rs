//! Async handlers that block their thread with files, sockets, processes and a database.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use axum::routing::{MethodRouter, get};
use sabr::ledger::VerdictKind;
use tempfile::TempDir;

use super::ms;
use crate::case::{BLOCKS, Case, Expected, handler};
use crate::upstream::peers;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = sockets();
    cases.extend(files());
    cases
}

/// A folder beside the build, because `/tmp` may be in memory.
pub(super) fn folder_on_disk() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder beside the build")
}

/// Forces several records to disk, one after the other, as a careful log would.
pub(super) fn write_synced(folder: &Path) -> io::Result<()> {
    let mut file = File::create(folder.join("note.txt"))?;
    for _ in 0..5 {
        file.write_all(&[7; 65_536])?;
        file.sync_all()?;
    }
    Ok(())
}

/// What is right for a handler that writes to disk as `write` does, which some disks do in no time.
pub(super) fn expected_of_disk(
    write: fn(&Path) -> io::Result<()>,
    slow: Expected,
    quick: Expected,
) -> Expected {
    let folder = folder_on_disk();
    let time = |_| {
        let since = Instant::now();
        write(folder.path()).expect("a disk to write to");
        since.elapsed()
    };
    let mut times: Vec<Duration> = (0..21).map(time).collect();
    times.sort();
    // Why: not the median, because a disk is slow while a build writes to it.
    if times[2] > ms(3) { slow } else { quick }
}

fn append_synced(folder: &Path) -> io::Result<()> {
    let path = folder.join("log");
    let mut log = File::options().create(true).append(true).open(path)?;
    for _ in 0..5 {
        log.write_all(&[b'x'; 65_536])?;
        log.sync_all()?;
    }
    Ok(())
}

fn replace_synced(folder: &Path) -> io::Result<()> {
    write_synced(folder)?;
    fs::rename(folder.join("note.txt"), folder.join("new.txt"))?;
    File::open(folder)?.sync_all()
}

fn sockets() -> Vec<Case> {
    vec![
        handler(
            "std_tcp_upstream",
            BLOCKS,
            "waits for a peer by blocking",
            || get(|| async { ask_tcp().is_ok().to_string() }),
        ),
        handler(
            "std_tcp_kept_connection",
            BLOCKS,
            "one connection, read by blocking",
            || {
                let kept = Mutex::new(TcpStream::connect(peers().tcp).expect("the peer listens"));
                let kept = Arc::new(kept);
                get(move || async move {
                    let mut stream = kept.lock().expect("nobody panics with it");
                    exchange(&mut stream).is_ok().to_string()
                })
            },
        )
        .at_once(1),
        handler(
            "std_http_upstream",
            BLOCKS,
            "a client library without async",
            || get(|| async { ask_http().unwrap_or_default().len().to_string() }),
        ),
        handler(
            "std_udp_upstream",
            BLOCKS,
            "waits for a datagram by blocking",
            || get(|| async { ask_udp().is_ok().to_string() }),
        ),
        handler("std_pipe", BLOCKS, "reads a pipe by blocking", || {
            get(|| async {
                let (mut reader, mut writer) = io::pipe().expect("a pipe");
                thread::spawn(move || {
                    thread::sleep(ms(5));
                    writer.write_all(b"told")
                });
                let mut all = String::new();
                drop(reader.read_to_string(&mut all));
                all
            })
        }),
        handler(
            "std_unix_socket_times_out",
            BLOCKS,
            "waits for nothing by blocking",
            || {
                get(|| async {
                    let (mut near, _far) = std::os::unix::net::UnixStream::pair().expect("a pair");
                    near.set_read_timeout(Some(ms(5))).expect("a timeout");
                    near.read(&mut [0; 8]).is_err().to_string()
                })
            },
        ),
    ]
}

fn exchange(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(&[1])?;
    stream.read_exact(&mut [0])
}

pub(super) fn ask_tcp() -> io::Result<()> {
    let mut stream = TcpStream::connect(peers().tcp)?;
    stream.set_nodelay(true)?;
    exchange(&mut stream)
}

fn ask_http() -> io::Result<String> {
    let mut stream = TcpStream::connect(peers().http)?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: upstream\r\nconnection: close\r\n\r\n")?;
    let mut all = String::new();
    stream.read_to_string(&mut all)?;
    Ok(all)
}

fn ask_udp() -> io::Result<usize> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(ms(500)))?;
    socket.send_to(b"ping", peers().udp)?;
    socket.recv(&mut [0; 16])
}

fn files() -> Vec<Case> {
    vec![
        handler(
            "file_synced",
            expected_of_disk(write_synced, BLOCKS, QUICK_DISK),
            "forces a file to disk",
            || {
                let folder = Arc::new(folder_on_disk());
                get(move || async move { write_synced(folder.path()).is_ok().to_string() })
            },
        ),
        handler(
            "log_synced",
            expected_of_disk(append_synced, BLOCKS, QUICK_DISK),
            "appends records, and forces each to disk",
            || {
                let folder = Arc::new(folder_on_disk());
                get(move || async move { append_synced(folder.path()).is_ok().to_string() })
            },
        ),
        handler(
            "file_replaced_atomically",
            expected_of_disk(replace_synced, BLOCKS, QUICK_DISK),
            "writes, syncs and renames",
            || {
                let folder = Arc::new(folder_on_disk());
                get(move || async move { replace_synced(folder.path()).is_ok().to_string() })
            },
        )
        .at_once(1),
        handler("fifo_is_read", BLOCKS, "a file that is a pipe", fifo).at_once(1),
    ]
}

const QUICK_DISK: Expected = &[
    VerdictKind::BlocksEventLoop,
    VerdictKind::NeverWaits,
    VerdictKind::ComputesOnEventLoop,
];

fn fifo() -> MethodRouter {
    let folder = Arc::new(tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("fifo");
    let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo");
    assert!(made.success(), "mkfifo failed");
    get(move || async move {
        let path = folder.path().join("fifo");
        let other = path.clone();
        thread::spawn(move || {
            thread::sleep(ms(5));
            fs::write(other, "told")
        });
        fs::read_to_string(path).unwrap_or_default()
    })
}
