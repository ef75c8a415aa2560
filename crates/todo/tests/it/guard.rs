//! Checks that pages of other origins are kept out.

use axum::http::{Method, header};
use serde_json::json;
use todo::http::{AllowedOrigins, Limits, Origin};
use todo::service::Config;

use crate::server::{Client, Server, config};

async fn status(client: &Client, method: Method, headers: &[(&str, &str)]) -> u16 {
    let mut request = client.request(method, "/todos");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let body = json!({ "title": "x" }).to_string();
    client.send(request, body).await.status.as_u16()
}

#[tokio::test]
async fn foreign_hosts_are_refused() {
    let server = Server::start().await;
    let client = &server.client;
    assert_eq!(
        status(client, Method::GET, &[("host", "evil.example")]).await,
        421
    );
    assert_eq!(
        status(client, Method::POST, &[("host", "evil.example")]).await,
        421
    );
    assert_eq!(
        status(client, Method::GET, &[("host", "localhost")]).await,
        200
    );
    assert_eq!(
        status(client, Method::GET, &[("host", "[::1]:80")]).await,
        200
    );
    server.stop().await;
}

#[tokio::test]
async fn changes_from_foreign_origins_are_refused() {
    let server = Server::start().await;
    let client = &server.client;
    let own = client.url("");
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost:1",
        "https://127.0.0.1",
    ] {
        assert_eq!(
            status(client, Method::POST, &[("origin", origin)]).await,
            403,
            "{origin}"
        );
        assert_eq!(
            status(client, Method::GET, &[("origin", origin)]).await,
            200,
            "{origin}"
        );
    }
    assert_eq!(status(client, Method::POST, &[("origin", &own)]).await, 201);
    assert_eq!(status(client, Method::POST, &[]).await, 201);
    let answer = client.get("/todos").await;
    assert!(
        answer
            .headers
            .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
            .is_none()
    );
    server.stop().await;
}

#[tokio::test]
async fn allowed_origins_and_no_others_may_change_and_read() {
    let defaults = config();
    let origin: Origin = "https://good.example".parse().unwrap();
    let server = Server::with(Config {
        limits: Limits {
            origins: AllowedOrigins::new([origin]),
            ..defaults.limits
        },
        ..defaults
    })
    .await;
    let client = &server.client;
    let good = [("origin", "https://good.example")];
    let bad = [("origin", "https://bad.example")];
    assert_eq!(status(client, Method::POST, &good).await, 201);
    assert_eq!(status(client, Method::POST, &bad).await, 403);
    // An allowed page can also read the problems that it causes.
    let request = client
        .request(Method::GET, "/nowhere")
        .header(header::ORIGIN, "https://good.example");
    let answer = client.send(request, "").await.expect(404);
    assert_eq!(
        answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN),
        "https://good.example"
    );
    server.stop().await;
}
