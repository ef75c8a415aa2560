//! A small HTTP client with one connection and one request at a time.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::http::{Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::LabError;

/// A client with one connection. The connection closes when the client is dropped.
#[derive(Debug)]
pub(super) struct Client {
    requests: SendRequest<Empty<Bytes>>,
    /// The task that drives the connection. It is aborted when the set is dropped.
    _driver: JoinSet<()>,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Result<Self, LabError> {
        let stream = TcpStream::connect(address)
            .await
            .map_err(LabError::io("connect to the lab's own server"))?;
        stream
            .set_nodelay(true)
            .map_err(LabError::io("connect to the lab's own server"))?;
        let (requests, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // An error of the connection also fails the request that it cut off.
            let _ = connection.await;
        });
        Ok(Self {
            requests,
            _driver: driver,
        })
    }

    /// Sends a `GET` request, and reads the response to its end.
    pub(super) async fn get(&mut self, path: &str) -> Result<Bytes, LabError> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = path.parse().unwrap_or_default();
        let host = header::HeaderValue::from_static("127.0.0.1");
        request.headers_mut().insert(header::HOST, host);
        self.requests.ready().await?;
        let answer = self.requests.send_request(request).await?;
        if !answer.status().is_success() {
            return Err(LabError::Refused(answer.status().as_u16()));
        }
        Ok(answer.into_body().collect().await?.to_bytes())
    }
}

/// Sends a `GET` request on a new connection.
pub(super) async fn get(address: SocketAddr, path: &str) -> Result<Bytes, LabError> {
    Client::connect(address).await?.get(path).await
}
