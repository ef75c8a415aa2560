//! Paths with trailing slashes.

use axum::http::{Method, header};
use serde_json::json;

use crate::server::{Answer, Client, Server};

async fn ask(client: &Client, method: Method, path: &str) -> Answer {
    client.send(client.request(method, path), "").await
}

#[tokio::test]
async fn a_path_with_a_slash_at_its_end_leads_to_the_one_without() {
    let server = Server::start().await;
    let client = &server.client;
    for (path, expected) in [
        ("/todos/", "/todos"),
        ("/todos//", "/todos"),
        (
            "/todos/?limit=1&completed=true",
            "/todos?limit=1&completed=true",
        ),
        ("/todos/?", "/todos?"),
        (
            "/todos/?next=//evil.example/",
            "/todos?next=//evil.example/",
        ),
        (
            "/todos/0191b2a4-5c00-7000-8000-0000000000aa/",
            "/todos/0191b2a4-5c00-7000-8000-0000000000aa",
        ),
        ("/todos/%2F%5C/", "/todos/%2F%5C"),
        ("/items/", "/items"),
        ("/users/", "/users"),
        ("/login/", "/login"),
        ("/events/", "/events"),
        ("/lab/", "/lab"),
        ("/_sabr/", "/_sabr"),
        ("/docs/", "/docs"),
        ("/docs/docs.js/", "/docs/docs.js"),
        ("/web/app.js/", "/web/app.js"),
        ("/openapi.json/", "/openapi.json"),
        ("/healthz/", "/healthz"),
        ("/metrics/", "/metrics"),
        ("/problems/", "/problems"),
    ] {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let answer = ask(client, method.parse().unwrap(), path).await;
            assert_eq!(answer.status, 308, "{method} {path}");
            assert_eq!(answer.header(header::LOCATION), expected, "{method} {path}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_slash_leads_nowhere_else() {
    let server = Server::start().await;
    let client = &server.client;
    assert_eq!(ask(client, Method::GET, "/").await.status, 200);
    for path in [
        "//",
        "///",
        "/nowhere/",
        "/web/",
        "/shared/",
        "/_sabr/nowhere/",
        "//evil.example/",
        "//evil.example/todos/",
        "//todos/",
        "/%2Fevil.example/",
        "/%5Cevil.example/",
        "/todos/0191b2a4-5c00-7000-8000-0000000000aa/nothing/",
    ] {
        let answer = ask(client, Method::GET, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["type"], "/problems/route-not-found", "{path}");
    }
    let address = &client.address;
    for path in ["/\\evil.example/", "/\\/evil.example/"] {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let (status, answer) = crate::hosts::raw(address, &request).await;
        assert!(status == 404 || status == 400, "{path}: {answer}");
    }
    // A client that is refused must not learn which routes exist.
    let request = client
        .request(Method::GET, "/todos/")
        .header("host", "evil.example");
    assert_eq!(client.send(request, "").await.status, 421);
    server.stop().await;
}

#[tokio::test]
async fn a_redirect_carries_nothing_out() {
    let server = Server::start().await;
    let client = &server.client;
    client
        .post("/todos/", &json!({ "title": "x" }))
        .await
        .expect(308);
    assert_eq!(client.get("/todos").await.json(), json!([]));
    client
        .post("/todos", &json!({ "title": "x" }))
        .await
        .expect(201);
    client.delete("/todos/").await.expect(308);
    assert_eq!(
        client.get("/todos").await.json().as_array().unwrap().len(),
        1
    );
    server.stop().await;
}
