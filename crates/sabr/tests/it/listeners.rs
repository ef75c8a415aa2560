//! Listeners other than TCP: Unix sockets, and a listener that the program implements.

use std::future::{IntoFuture, pending};
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use axum::serve::Listener;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sabr::Sabr;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, mpsc, oneshot};

/// Sends `request`, and returns everything that the server sends until it closes the connection.
async fn ask(mut stream: UnixStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn unix_socket_is_served_and_shut_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let app = Router::new()
        .route(
            "/",
            get(
                async |peer: Option<axum::Extension<ConnectInfo<std::net::SocketAddr>>>| {
                    format!("peer: {}", peer.is_some())
                },
            ),
        )
        .route("/refused", post(async || "too long to read"));
    let (stop, stopped) = oneshot::channel::<()>();
    let listener = UnixListener::bind(&path).unwrap();
    let serve = Sabr::default().serve(listener, app);
    let serve = serve.with_shutdown(async { drop(stopped.await) });
    let served = tokio::spawn(async { serve.await.unwrap() });

    let connect = || async { UnixStream::connect(&path).await.unwrap() };
    let close = "host: test\r\nconnection: close\r\n\r\n";
    let answer = ask(connect().await, &format!("GET / HTTP/1.1\r\n{close}")).await;
    assert!(answer.ends_with("\r\n\r\npeer: false"), "{answer}");
    // The answer arrives although the body of the request is not read.
    let head = "POST /refused HTTP/1.1\r\nhost: test\r\ncontent-length: 1000000\r\n\r\n";
    let answer = ask(connect().await, &format!("{head}{}", "x".repeat(200_000))).await;
    assert!(answer.ends_with("too long to read"), "{answer}");

    // An idle connection does not delay shutdown.
    let idle = connect().await;
    stop.send(()).unwrap();
    assert!(served.await.unwrap().is_clean());
    drop(idle);
}

#[tokio::test]
async fn client_that_disconnects_from_a_unix_socket_ends_its_handler() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let (began, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (began, dropped) = (Arc::clone(&began), Arc::clone(&dropped));
        async move || {
            let _at_drop = Rings(dropped);
            began.notify_one();
            pending::<()>().await;
        }
    };
    let app = Router::new().route("/", get(handler));
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(Sabr::default().serve(listener, app).into_future());
    let mut client = UnixStream::connect(&path).await.unwrap();
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n")
        .await
        .unwrap();
    began.notified().await;
    drop(client);
    dropped.notified().await;
}

struct Rings(Arc<Notify>);

impl Drop for Rings {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// A listener in memory whose `accept` includes a handshake, like a TLS listener.
struct Handshakes {
    arrived: mpsc::Receiver<(DuplexStream, oneshot::Receiver<()>)>,
}

impl Listener for Handshakes {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        let Some((stream, shaken)) = self.arrived.recv().await else {
            return pending().await;
        };
        shaken.await.unwrap();
        (stream, ())
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn handshake_is_not_lost_when_another_connection_closes() {
    let (arrive, arrived) = mpsc::channel(4);
    let app = Router::new().route("/", get(async || "hello"));
    tokio::spawn(
        Sabr::default()
            .serve(Handshakes { arrived }, app)
            .into_future(),
    );
    let connect = async || {
        let (ours, theirs) = duplex(1024);
        let (shake, shaken) = oneshot::channel();
        arrive.send((theirs, shaken)).await.unwrap();
        (ours, shake)
    };
    let hello = async |stream: DuplexStream| {
        let (mut send, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let request = http::Request::new(Body::empty());
        let status = send.send_request(request).await.unwrap().status();
        drop(send);
        connection.await.unwrap().unwrap();
        status
    };
    let (first, shake) = connect().await;
    shake.send(()).unwrap();
    let (second, shake) = connect().await;
    // The handshake of the second connection is in progress while the first is served and closed.
    assert_eq!(hello(first).await, 200);
    shake.send(()).unwrap();
    assert_eq!(hello(second).await, 200);
}
