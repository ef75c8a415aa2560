use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use sabr::{Sabr, ShutdownReport};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// The server of one test.
pub(crate) struct Server {
    pub(crate) sabr: Sabr,
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    kill: oneshot::Sender<()>,
    ended: JoinHandle<ShutdownReport>,
}

impl Server {
    pub(crate) async fn start(sabr: Sabr, app: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (kill, killed) = oneshot::channel();
        let serve = sabr
            .serve(listener, app)
            .with_shutdown(async { drop(stopped.await) })
            .with_second_signal(async { drop(killed.await) });
        let ended = tokio::spawn(async { serve.await.unwrap() });
        Self {
            sabr,
            address,
            stop,
            kill,
            ended,
        }
    }

    pub(crate) async fn connect(&self) -> Client {
        let io = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let (send, connection) = http1::handshake(io).await.unwrap();
        let closed = tokio::spawn(async { drop(connection.await) });
        Client { send, closed }
    }

    pub(crate) async fn connect_http2(&self) -> http2::SendRequest<Body> {
        let io = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let (send, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(async { drop(connection.await) });
        send
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Bytes) {
        self.connect().await.get(path).await
    }

    /// Shuts down, and returns the report.
    pub(crate) async fn stop(self) -> ShutdownReport {
        self.begin_stop().ended.await.unwrap()
    }

    pub(crate) fn begin_stop(self) -> Stopping {
        self.stop.send(()).unwrap();
        Stopping {
            kill: self.kill,
            ended: self.ended,
        }
    }
}

/// A server whose shutdown has begun.
pub(crate) struct Stopping {
    kill: oneshot::Sender<()>,
    pub(crate) ended: JoinHandle<ShutdownReport>,
}

impl Stopping {
    pub(crate) async fn kill(self) -> ShutdownReport {
        self.kill.send(()).unwrap();
        self.ended.await.unwrap()
    }
}

/// One HTTP/1 connection.
pub(crate) struct Client {
    pub(crate) send: http1::SendRequest<Body>,
    /// Ends when the connection has closed. Aborting this task closes the connection.
    pub(crate) closed: JoinHandle<()>,
}

impl Client {
    pub(crate) async fn request(&mut self, method: Method, path: &str) -> Response<Incoming> {
        self.send.ready().await.unwrap();
        self.send.send_request(request(method, path)).await.unwrap()
    }

    pub(crate) async fn get(&mut self, path: &str) -> (StatusCode, Bytes) {
        read(self.request(Method::GET, path).await).await
    }
}

pub(crate) fn request(method: Method, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    request.header("host", "test").body(Body::empty()).unwrap()
}

pub(crate) async fn read(response: Response<Incoming>) -> (StatusCode, Bytes) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, body)
}

/// The events of a test, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>, Arc<Notify>);

impl Log {
    pub(crate) fn write(&self, event: impl Into<String>) {
        self.0.lock().unwrap().push(event.into());
        self.1.notify_waiters();
    }

    pub(crate) fn events(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// Waits until `event` has happened.
    pub(crate) async fn wait_for(&self, event: &str) {
        loop {
            let written = self.1.notified();
            if self.events().iter().any(|e| e == event) {
                return;
            }
            written.await;
        }
    }
}

/// Panics. Returns `()`, so that a closure or future that calls it has an output type.
pub(crate) fn fail(message: &str) {
    panic!("{message}");
}
