//! The real service on a free port, and a client for it.

use std::path::PathBuf;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use todo::http::{AllowedOrigins, Limits};
use todo::service::{Config, Service};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The default configuration of the service, but in memory and on a free port.
pub(crate) fn config() -> Config {
    Config {
        host: [127, 0, 0, 1].into(),
        port: 0,
        database: None,
        batch_size: 256,
        lock_timeout: Duration::from_secs(5),
        db_delay: Duration::ZERO,
        limits: Limits {
            body: 1 << 20,
            time: Duration::from_secs(30),
            origins: AllowedOrigins::default(),
        },
        grace_period: Duration::from_secs(10),
    }
}

/// The service, running inside the test's own process.
pub(crate) struct Server {
    pub client: Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Server {
    /// Starts a service with its defaults.
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    /// Starts a service on this database file.
    pub(crate) async fn on(database: PathBuf) -> Self {
        Self::with(Config {
            database: Some(database),
            ..config()
        })
        .await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let service = Service::build(config).await.unwrap();
        let address = service.address().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            service.run_until(shutdown).await.unwrap();
        });
        Self {
            client: Client::new(address.to_string()),
            stop,
            running,
        }
    }

    /// Shuts the service down gracefully, and waits for its end.
    pub(crate) async fn stop(self) {
        drop(self.client);
        self.stop.send(()).unwrap();
        self.running.await.unwrap();
    }
}

/// A client of one service.
#[derive(Clone)]
pub(crate) struct Client {
    pub address: String,
    hyper: HyperClient<HttpConnector, Full<Bytes>>,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    pub(crate) fn new(address: String) -> Self {
        Self {
            address,
            hyper: HyperClient::builder(TokioExecutor::new()).build_http(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path), "").await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path), "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::PUT, path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::PATCH, path, body).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let url = match path.starts_with("http://") {
            true => path.to_owned(),
            false => self.url(path),
        };
        Request::builder().method(method).uri(url)
    }

    pub(crate) async fn send(
        &self,
        request: axum::http::request::Builder,
        body: impl Into<Bytes>,
    ) -> Answer {
        self.try_send(request, body).await.unwrap()
    }

    /// Like `send`, but for servers that may be killed meanwhile.
    pub(crate) async fn try_send(
        &self,
        request: axum::http::request::Builder,
        body: impl Into<Bytes>,
    ) -> Option<Answer> {
        let request = request.body(Full::new(body.into())).unwrap();
        let response = self.hyper.request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    /// Sends a request. The body of the returned response has not been read yet.
    pub(crate) async fn open(
        &self,
        request: axum::http::request::Builder,
    ) -> axum::http::Response<Body> {
        let request = request.body(Full::default()).unwrap();
        self.hyper.request(request).await.unwrap().map(Body::new)
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self
            .request(method, path)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request, body.to_string()).await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub(crate) fn header(&self, name: impl axum::http::header::AsHeaderName) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Checks the status of the response. If it differs, the test fails and prints the body.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?}", self.body);
        self
    }
}
