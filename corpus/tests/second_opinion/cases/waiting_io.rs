//! Handlers that wait for the network, for files, processes and a database, without blocking.

use std::io;
use std::process::Stdio;

use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use sabr::ledger::VerdictKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::{TcpStream, UdpSocket, UnixStream, lookup_host};
use tokio::time::sleep;

use super::ms;
use crate::case::{ASYNC_FITS, Case, handler};
use crate::upstream::peers;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = network();
    cases.extend(files_and_processes());
    cases
}

fn network() -> Vec<Case> {
    vec![
        handler(
            "tcp_upstream",
            ASYNC_FITS,
            "waits for a peer over TCP",
            || get(|| async { ask_tcp(1).await.is_ok().to_string() }),
        ),
        handler(
            "tcp_upstream_chatty",
            ASYNC_FITS,
            "waits for a peer three times",
            || get(|| async { ask_tcp(3).await.is_ok().to_string() }),
        ),
        handler(
            "http_upstream",
            ASYNC_FITS,
            "waits for another service",
            || get(|| async { ask_http().await.unwrap_or_default().len().to_string() }),
        ),
        handler("udp_upstream", ASYNC_FITS, "waits for a datagram", || {
            get(|| async { ask_udp().await.unwrap_or_default().to_string() })
        }),
        handler(
            "unix_socket_pair",
            ASYNC_FITS,
            "waits for the other end",
            || {
                get(|| async {
                    let (mut near, mut far) = UnixStream::pair()?;
                    tokio::spawn(async move {
                        sleep(ms(5)).await;
                        far.write_u8(7).await
                    });
                    Ok::<_, Refused>(near.read_u8().await?.to_string())
                })
            },
        ),
        handler(
            "duplex_in_memory",
            ASYNC_FITS,
            "waits for the other end",
            || {
                get(|| async {
                    let (mut near, mut far) = duplex(16);
                    tokio::spawn(async move {
                        sleep(ms(5)).await;
                        far.write_u8(7).await
                    });
                    near.read_u8().await.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "name_lookup",
            ASYNC_FITS,
            "waits for a name, looked up on a thread",
            || {
                get(|| async {
                    let addresses = lookup_host("localhost:80").await;
                    addresses.map_or(0, Iterator::count).to_string()
                })
            },
        ),
        handler(
            "pooled_connections",
            ASYNC_FITS,
            "waits for a connection, and on it",
            pooled,
        )
        .at_once(8),
    ]
}

/// An error of I/O, answered with 500.
struct Refused;

impl From<io::Error> for Refused {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl axum::response::IntoResponse for Refused {
    fn into_response(self) -> axum::response::Response {
        axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

async fn ask_tcp(times: usize) -> io::Result<()> {
    let mut stream = TcpStream::connect(peers().tcp).await?;
    stream.set_nodelay(true)?;
    for _ in 0..times {
        stream.write_u8(1).await?;
        stream.read_u8().await?;
    }
    Ok(())
}

async fn ask_udp() -> io::Result<usize> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.send_to(b"ping", peers().udp).await?;
    tokio::time::timeout(ms(500), socket.recv(&mut [0; 16])).await?
}

async fn ask_http() -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TokioIo::new(TcpStream::connect(peers().http).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    tokio::spawn(connection);
    let request = axum::http::Request::get("/").header("host", "upstream");
    let response = sender
        .send_request(request.body(Empty::<Bytes>::new())?)
        .await?;
    Ok(response.into_body().collect().await?.to_bytes())
}

/// A pool of two connections for eight requests.
fn pooled() -> MethodRouter {
    let (give, take) = tokio::sync::mpsc::channel::<TcpStream>(2);
    let take = std::sync::Arc::new(tokio::sync::Mutex::new(take));
    let filled = give.clone();
    tokio::spawn(async move {
        for _ in 0..2 {
            let stream = TcpStream::connect(peers().tcp)
                .await
                .expect("the peer listens");
            filled.send(stream).await.expect("the pool has room");
        }
    });
    get(move || async move {
        let mut stream = take
            .lock()
            .await
            .recv()
            .await
            .expect("the pool is never closed");
        let answered = stream.write_u8(1).await.is_ok() && stream.read_u8().await.is_ok();
        drop(give.send(stream).await);
        answered.to_string()
    })
}

fn files_and_processes() -> Vec<Case> {
    vec![
        handler(
            "file_read_by_tokio",
            ASYNC_FITS,
            "waits for a thread that reads",
            || {
                get(|| async {
                    let text = tokio::fs::read_to_string("/proc/self/status").await;
                    text.unwrap_or_default()
                })
            },
        ),
        handler(
            "file_written_by_tokio",
            ASYNC_FITS,
            "waits for a thread that writes",
            || {
                let folder = std::sync::Arc::new(tempfile::tempdir().expect("a folder"));
                get(move || async move {
                    let path = folder.path().join("note.txt");
                    tokio::fs::write(path, b"patience")
                        .await
                        .is_ok()
                        .to_string()
                })
            },
        ),
        handler(
            "file_synced_by_tokio",
            ASYNC_FITS,
            "waits for a thread that syncs",
            || {
                let folder = std::sync::Arc::new(super::blocking_io::folder_on_disk());
                get(move || async move {
                    let mut file = tokio::fs::File::create(folder.path().join("note.txt")).await?;
                    file.write_all(&[7; 4096]).await?;
                    file.sync_all().await?;
                    Ok::<_, Refused>(())
                })
            },
        ),
        handler(
            "process_of_tokio",
            // Why: to start a process takes about a millisecond, in which the parent may be held.
            &[VerdictKind::AsyncFits, VerdictKind::BlocksEventLoop],
            "waits for a process; starting it may block",
            || {
                get(|| async {
                    let mut command = tokio::process::Command::new("sleep");
                    let status = command.arg("0.005").stdin(Stdio::null()).status();
                    status.await.is_ok().to_string()
                })
            },
        ),
    ]
}
