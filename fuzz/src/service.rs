use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use todo::http::{AllowedOrigins, Limits};
use todo::service::{Config, Service as Todo};
use tokio::runtime::{self, Runtime};
use tower::ServiceExt;

use crate::Target;

/// The whole service, with one todo that inputs may change.
#[derive(Debug)]
pub struct Service {
    runtime: Runtime,
    app: Router,
    todo: String,
    /// Keeps the database open.
    _service: Todo,
}

impl Service {
    /// Starts the service on a database in memory.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[expect(clippy::unwrap_used, reason = "fuzzing fails by panicking")]
    #[must_use]
    pub fn start() -> Self {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap();
        let service = runtime.block_on(Todo::build(config())).unwrap();
        let app = service.app();
        let todo = String::new();
        let mut this = Self {
            runtime,
            app,
            todo,
            _service: service,
        };
        let create = Target::Body
            .request(b"\0{\"title\":\"first\"}", "")
            .unwrap();
        let (response, body) = this.answer(create);
        assert_eq!(response.status(), StatusCode::CREATED);
        let todo: Value = serde_json::from_slice(&body).unwrap();
        this.todo = todo["id"].as_str().unwrap().to_owned();
        this
    }

    /// Sends the request that carries this input, and checks the response.
    ///
    /// # Panics
    ///
    /// If the service fails, or refuses without a problem document that says why.
    pub fn check(&self, target: Target, input: &[u8]) {
        let Some(request) = target.request(input, &self.todo) else {
            return;
        };
        let shown = format!("{} {}", request.method(), request.uri());
        let is_write = request.method() != Method::GET;
        let (response, body) = self.answer(request);
        let status = response.status();
        assert!(!status.is_server_error(), "{shown}: {status}");
        let media_type = response.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.map_or(&b""[..], |value| value.as_bytes());
        if status.is_client_error() {
            assert_eq!(media_type, b"application/problem+json", "{shown}: {status}");
        }
        if media_type.ends_with(b"json") && !response.headers().contains_key("content-encoding") {
            let json = serde_json::from_slice::<Value>(&body);
            assert!(json.is_ok(), "{shown}: {json:?}");
        }
        if is_write && status.is_success() {
            self.clean_up(&response);
        }
    }

    /// The todo is there, readable and the only one.
    fn clean_up(&self, response: &Response<()>) {
        if let Some(created) = response.headers().get(header::LOCATION) {
            let path = created.to_str().unwrap_or_default();
            let path = path.strip_prefix("http://localhost").unwrap_or(path);
            if path.starts_with("/todos") {
                let read = Target::Path.request(format!("\0{}", &path[1..]).as_bytes(), "");
                let (found, _) = read.map(|read| self.answer(read)).unzip();
                let status = found.map(|found| found.status());
                assert_eq!(status, Some(StatusCode::OK), "{path} was created");
                let delete = Target::Path.request(format!("\x01{}", &path[1..]).as_bytes(), "");
                let _ = delete.map(|delete| self.answer(delete));
            }
        }
        let put = Target::Body.request(b"\x01{\"title\":\"first\"}", &self.todo);
        let (put, _) = put.map(|put| self.answer(put)).unzip();
        let status = put.map(|put| put.status());
        assert!(
            status.is_some_and(|status| status.is_success()),
            "{status:?}"
        );
    }

    /// The head of the response, and its body if it ends.
    fn answer(&self, request: Request<Vec<u8>>) -> (Response<()>, Bytes) {
        let mut request = request.map(Body::from);
        let peer = SocketAddr::from(([127, 0, 0, 1], 50_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        let app = self.app.clone();
        self.runtime.block_on(async {
            let Ok(response) = app.oneshot(request).await;
            let (head, body) = response.into_parts();
            let streams = head.headers.get(header::CONTENT_TYPE);
            let streams = streams.is_some_and(|media_type| media_type == "text/event-stream");
            let body = match streams {
                true => Bytes::new(),
                false => body
                    .collect()
                    .await
                    .map_or(Bytes::new(), |body| body.to_bytes()),
            };
            (Response::from_parts(head, ()), body)
        })
    }
}

fn config() -> Config {
    Config {
        host: [127, 0, 0, 1].into(),
        port: 0,
        database: None,
        batch_size: 1,
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
