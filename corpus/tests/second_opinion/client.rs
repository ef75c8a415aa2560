//! Calls a handler as its case says: over connections that are kept, at once, or leaving early.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::{Request, Response};
use bytes::Bytes;
use futures_util::{StreamExt, future, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::case::{Calls, Leaving, Payload};

type Body = UnsyncBoxBody<Bytes, Infallible>;

enum Sender {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

struct Connection {
    sender: Sender,
    driver: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connection {
    async fn open(address: SocketAddr, calls: &Calls) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        if calls.leaving != Leaving::Never {
            // Why: a plain close looks like the end of what a client has to say, and a reset does
            // not.
            SockRef::from(&stream)
                .set_linger(Some(Duration::ZERO))
                .ok()?;
        }
        let io = TokioIo::new(stream);
        let (sender, driver) = if calls.http2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.ok()?;
            let driver = tokio::spawn(async { drop(connection.await) });
            (Sender::Http2(sender), driver)
        } else {
            let (sender, connection) = http1::handshake(io).await.ok()?;
            (
                Sender::Http1(sender),
                tokio::spawn(async { drop(connection.await) }),
            )
        };
        Some(Self { sender, driver })
    }

    async fn send(&mut self, request: Request<Body>) -> Option<Response<Incoming>> {
        match &mut self.sender {
            Sender::Http1(sender) => {
                sender.ready().await.ok()?;
                sender.send_request(request).await.ok()
            }
            Sender::Http2(sender) => {
                sender.ready().await.ok()?;
                sender.send_request(request).await.ok()
            }
        }
    }
}

fn request(address: SocketAddr, calls: &Calls) -> Request<Body> {
    let body = match calls.payload {
        Payload::Empty => Empty::new().boxed_unsync(),
        Payload::Whole(bytes) => Full::new(bytes()).boxed_unsync(),
        Payload::Pieces {
            piece,
            count,
            pause,
        } => {
            let frames = stream::iter(0..count).then(move |_| async move {
                sleep(pause).await;
                Ok(Frame::data(piece()))
            });
            StreamBody::new(frames).boxed_unsync()
        }
    };
    let uri = if calls.http2 {
        format!("http://{address}{}", calls.path)
    } else {
        calls.path.to_owned()
    };
    Request::builder()
        .method(calls.method.clone())
        .uri(uri)
        .header("host", address.to_string())
        .header("content-type", calls.content_type)
        .header("accept-encoding", "gzip")
        .body(body)
        .expect("a request that is well formed")
}

/// Reads the response as the case says. `false` if the connection is of no use any more.
async fn read(response: Response<Incoming>, calls: &Calls) -> bool {
    let mut body = response.into_body();
    loop {
        if !calls.reading_pause.is_zero() {
            sleep(calls.reading_pause).await;
        }
        match body.frame().await {
            Some(Ok(_)) if calls.leaving == Leaving::InBody => return false,
            Some(Ok(_)) => {}
            Some(Err(_)) => return false,
            None => return calls.leaving == Leaving::Never,
        }
    }
}

/// One call. `false` if the next one needs another connection.
async fn call(connection: &mut Connection, address: SocketAddr, calls: &Calls) -> bool {
    let exchange = async {
        match connection.send(request(address, calls)).await {
            Some(response) => read(response, calls).await,
            None => false,
        }
    };
    match calls.leaving {
        Leaving::After(patience) => timeout(patience, exchange).await.unwrap_or(false),
        Leaving::Never | Leaving::InBody => exchange.await,
    }
}

async fn call_until(address: SocketAddr, calls: &Calls, next: impl Fn() -> bool) {
    let mut connection = None;
    while next() {
        if connection.is_none() {
            connection = Connection::open(address, calls).await;
        }
        let Some(open) = &mut connection else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        if !call(open, address, calls).await {
            connection = None;
        }
    }
}

/// Makes `requests` calls, as many at once as the case says.
pub(crate) async fn call_all(address: SocketAddr, calls: &Calls, requests: usize) {
    let made = AtomicUsize::new(0);
    let next = || made.fetch_add(1, Ordering::Relaxed) < requests;
    let clients = (0..calls.at_once).map(|_| call_until(address, calls, next));
    future::join_all(clients).await;
}

/// Calls a neighbour of the endpoint until this future is dropped.
pub(crate) async fn call_neighbour(address: SocketAddr, calls: &Calls, path: &'static str) {
    let calls = Calls {
        path,
        ..calls.clone()
    };
    call_until(address, &calls, || true).await;
}
