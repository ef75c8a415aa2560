//! What handlers wait for: peers that answer after five milliseconds, on a thread of their own.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::sleep;

/// How long each peer takes.
pub(crate) const DELAY: Duration = Duration::from_millis(5);

/// The addresses of the peers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peers {
    /// Answers each byte with one byte.
    pub(crate) tcp: SocketAddr,
    /// Answers each datagram with one.
    pub(crate) udp: SocketAddr,
    /// Answers `GET /`.
    pub(crate) http: SocketAddr,
}

static PEERS: OnceLock<Peers> = OnceLock::new();

pub(crate) fn peers() -> Peers {
    *PEERS.get().expect("the peers have been started")
}

pub(crate) fn start() {
    let (tell, told) = mpsc::channel();
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for the peers");
        runtime.block_on(run(tell)).expect("peers that run");
    };
    thread::Builder::new()
        .name("upstream".to_owned())
        .spawn(serve)
        .expect("a thread for the peers");
    let peers = told.recv().expect("the addresses of the peers");
    PEERS.set(peers).expect("they are started once");
}

async fn run(tell: mpsc::Sender<Peers>) -> std::io::Result<()> {
    let tcp = TcpListener::bind("127.0.0.1:0").await?;
    let http = TcpListener::bind("127.0.0.1:0").await?;
    let udp = UdpSocket::bind("127.0.0.1:0").await?;
    let peers = Peers {
        tcp: tcp.local_addr()?,
        udp: udp.local_addr()?,
        http: http.local_addr()?,
    };
    tell.send(peers).expect("somebody waits for them");
    let app = Router::new().route("/", get(|| async { sleep(DELAY).await }));
    tokio::spawn(async { axum::serve(http, app).await });
    tokio::spawn(async move { answer_datagrams(udp.into()).await });
    loop {
        let (stream, _) = tcp.accept().await?;
        tokio::spawn(answer_bytes(stream));
    }
}

async fn answer_bytes(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let byte = stream.read_u8().await?;
        sleep(DELAY).await;
        stream.write_u8(byte).await?;
    }
}

async fn answer_datagrams(udp: std::sync::Arc<UdpSocket>) -> std::io::Result<()> {
    let mut datagram = [0; 64];
    loop {
        let (length, from) = udp.recv_from(&mut datagram).await?;
        let udp = udp.clone();
        tokio::spawn(async move {
            sleep(DELAY).await;
            udp.send_to(&datagram[..length], from).await
        });
    }
}
