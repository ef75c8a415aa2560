//! Responses to requests with `Accept-Encoding`.

use axum::http::{Method, header};
use serde_json::json;

use crate::server::{Answer, Client, Server};

async fn get(client: &Client, path: &str, accepted: &[&str]) -> Answer {
    let mut request = client.request(Method::GET, path);
    for accepted in accepted {
        request = request.header(header::ACCEPT_ENCODING, *accepted);
    }
    client.send(request, "").await
}

#[tokio::test]
async fn an_answer_that_is_not_compressed_is_always_acceptable() {
    let server = Server::start().await;
    let client = &server.client;
    let title = json!({ "title": "a title that is long enough to be worth compressing" });
    client.post("/todos", &title).await.expect(201);
    for path in [
        "/todos",
        "/openapi.json",
        "/problems",
        "/",
        "/web/app.js",
        "/docs",
        "/_sabr",
        "/metrics",
        "/healthz",
    ] {
        for accepted in [
            &["*;q=0"][..],
            &["identity;q=0"],
            &["Identity;Q=0.000"],
            &["gzip;q=0, identity;q=0"],
            &["gzip;q=0", "identity;q=0"],
            &["identity; q=0, *; q=0"],
            &["br, *;q=0"],
            &["gzip;q=0, *;q=0"],
            &["unheard-of, identity;q=0"],
            &[""],
        ] {
            let answer = get(client, path, accepted).await;
            assert_eq!(answer.status, 200, "{path} {accepted:?}");
            assert_eq!(
                answer.header(header::CONTENT_ENCODING),
                "",
                "{path} {accepted:?}"
            );
        }
    }
    let missing = get(client, "/nowhere", &["*;q=0"]).await;
    assert_eq!(missing.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn what_may_be_compressed_still_is() {
    let server = Server::start().await;
    for accepted in [
        "gzip",
        "*",
        "identity;q=0, gzip",
        "identity;q=0, *",
        "gzip;q=0.5, *;q=0",
        "deflate, gzip;q=0.1",
    ] {
        let answer = get(&server.client, "/openapi.json", &[accepted]).await;
        assert_eq!(
            answer.header(header::CONTENT_ENCODING),
            "gzip",
            "{accepted}"
        );
        assert_eq!(answer.header(header::VARY), "accept-encoding", "{accepted}");
    }
    for accepted in ["identity", "identity, gzip;q=0.5", "br"] {
        let answer = get(&server.client, "/openapi.json", &[accepted]).await;
        assert_eq!(answer.header(header::CONTENT_ENCODING), "", "{accepted}");
    }
    server.stop().await;
}
