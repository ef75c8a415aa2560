//! Clients: patient ones, slow ones, and clients that disconnect.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::stream;
use http::{Method, Request};
use http_body_util::BodyExt;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::case::Case;
use crate::work::{ms, nap};

/// How a client behaves.
#[derive(Clone)]
pub(crate) enum Client {
    /// Reads the whole response.
    Reads,
    /// Pauses after each piece of the response.
    ReadsSlowly,
    /// Sends these bytes, and reads the whole response.
    Uploads(Bytes),
    /// Sends a body in three pieces, with a pause before each.
    UploadsSlowly,
    /// Disconnects as soon as the handler signals that it runs.
    Leaves(Arc<Notify>),
    /// Disconnects like `Leaves` in every second request, and reads the whole response in the
    /// others.
    LeavesEveryOtherTime(Arc<Notify>),
    /// Disconnects after the first piece of the response.
    LeavesInTheBody,
}

/// Makes all the requests of a case.
pub(crate) async fn call(case: &Case, address: SocketAddr) {
    let share = case.requests.div_ceil(case.clients);
    let clients = (0..case.clients).map(|_| async {
        let mut connection = None;
        for number in 0..share {
            let open = match connection.take() {
                Some(open) => open,
                None => Connection::open(address).await,
            };
            connection = open.ask(case, number).await;
        }
    });
    futures_util::future::join_all(clients).await;
}

struct Connection {
    send: SendRequest<Body>,
    closed: JoinHandle<()>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        // Why: closing now resets the connection, so the service notices the disconnect at once. A
        // plain close looks like a client that has finished sending and waits for its answer.
        stream.set_zero_linger().unwrap();
        let io = TokioIo::new(stream);
        let (send, connection) = http1::handshake(io).await.unwrap();
        let closed = tokio::spawn(async { drop(connection.await) });
        Self { send, closed }
    }

    /// Makes one request. Returns the connection if it can carry another request.
    async fn ask(mut self, case: &Case, number: usize) -> Option<Self> {
        let request = request(case);
        let answer = self.send.send_request(request);
        let inside = match &case.client {
            Client::Leaves(inside) => Some(inside),
            Client::LeavesEveryOtherTime(inside) if number.is_multiple_of(2) => Some(inside),
            _ => None,
        };
        if let Some(inside) = inside {
            tokio::select! {
                () = inside.notified() => {}
                _ = answer => panic!("{} answered before it was left", case.name),
            }
            self.leave().await;
            return None;
        }
        // A handler that panics may break the connection.
        let Ok(answer) = answer.await else {
            self.leave().await;
            return None;
        };
        let mut body = answer.into_body();
        while let Some(Ok(_)) = body.frame().await {
            match case.client {
                Client::LeavesInTheBody => {
                    self.leave().await;
                    return None;
                }
                Client::ReadsSlowly => nap(ms(1)).await,
                _ => {}
            }
        }
        if let Client::LeavesEveryOtherTime(inside) = &case.client {
            // Why: the signal of this request must not make the client of the next one disconnect.
            inside.notified().await;
        }
        self.send.ready().await.is_ok().then_some(self)
    }

    /// Closes the connection, even while a request is in flight.
    async fn leave(self) {
        self.closed.abort();
        let _ = self.closed.await;
    }
}

fn request(case: &Case) -> Request<Body> {
    let body = match &case.client {
        Client::Uploads(bytes) => Body::from(bytes.clone()),
        Client::UploadsSlowly => Body::from_stream(stream::unfold(0, |sent| async move {
            if sent == 3 {
                return None;
            }
            nap(ms(1)).await;
            Some((Ok::<_, Infallible>(Bytes::from("piece")), sent + 1))
        })),
        _ => Body::empty(),
    };
    let request = Request::builder().method(case.method.clone());
    let request = match case.method {
        Method::POST => request.header("content-type", "application/json"),
        _ => request,
    };
    let request = request.uri(case.path()).header("host", "corpus");
    request.body(body).unwrap()
}
