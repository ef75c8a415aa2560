//! Every way in which a request can be refused. One golden file holds all the responses.

use std::fmt::Write;

use axum::body::Bytes;
use axum::http::{Method, header};
use serde_json::{Value, json};
use todo::http::Limits;
use todo::service::Config;

use crate::golden;
use crate::server::{Client, Server, config};

const JSON: &str = "application/json";
const ID: &str = "/todos/0191b2a4-5c00-7000-8000-0000000000aa";

/// Method, path, content type, body.
const REQUESTS: &[(Method, &str, &str, &[u8])] = &[
    (Method::GET, "/nowhere", "", b""),
    (Method::GET, "/nowhere/", "", b""),
    (Method::POST, "/users", "", b""),
    (Method::PATCH, "/todos", JSON, b"{}"),
    (Method::OPTIONS, "/todos", "", b""),
    (Method::GET, "/todos/7", "", b""),
    (Method::GET, "/todos/%ff", "", b""),
    (Method::GET, ID, "", b""),
    (Method::DELETE, ID, "", b""),
    (Method::PATCH, ID, JSON, b"{}"),
    (Method::GET, "/items/0191b2a4-5c00-7000-8000-0000000000aa", "", b""),
    (Method::GET, "/problems/none", "", b""),
    (Method::GET, "/todos?limit=0", "", b""),
    (Method::GET, "/todos?limit=many&completed=perhaps&page=2&cursor=x", "", b""),
    (Method::GET, "/todos?limit=10.0", "", b""),
    (Method::GET, "/todos?limit=%2010", "", b""),
    (Method::GET, "/items?cursor=________________________________", "", b""),
    (Method::GET, "/todos/0191b2a45c0070008000-0000000000aa", "", b""),
    (Method::GET, "/todos?limit=1&limit=2", "", b""),
    (Method::GET, "/todos?limit=99999999999999999999", "", b""),
    (Method::GET, "/todos?cursor=f_____________________________w", "", b""),
    (Method::GET, "/todos?cursor=%ff", "", b""),
    (Method::DELETE, "/todos?complete=true", "", b""),
    (Method::POST, "/todos", "", b"{\"title\":\"x\"}"),
    (Method::POST, "/todos", "text/plain", b"{\"title\":\"x\"}"),
    (Method::POST, "/todos", "application/merge-patch+json", b"{\"title\":\"x\"}"),
    (Method::PATCH, ID, "application/json-patch+json", b"[]"),
    (Method::POST, "/todos", JSON, b""),
    (Method::POST, "/todos", JSON, b"{\"title\":"),
    (Method::POST, "/todos", JSON, b"{\"title\":\"x\"} and more"),
    (Method::POST, "/todos", JSON, b"{\"title\":\"\xff\"}"),
    (Method::POST, "/todos", JSON, b"{\"title\":\"\\ud800\"}"),
    (Method::POST, "/todos", JSON, b"[]"),
    (Method::POST, "/todos", JSON, b"[\"buy milk\",\"buy bread\"]"),
    (Method::PATCH, ID, JSON, b"[]"),
    (Method::POST, "/login", JSON, b"[\"local\"]"),
    (Method::POST, "/lab/after", JSON, b"[0.01,10]"),
    (Method::POST, "/lab/after", JSON, b"{\"users\":14.5}"),
    (Method::POST, "/todos", JSON, b"null"),
    (Method::POST, "/todos", JSON, b"\xef\xbb\xbf{\"title\":\"x\"}"),
    (Method::POST, "/todos", "application/json; charset=latin1", b"{\"title\":\"x\"}"),
    (Method::PUT, ID, "text/plain", b"{\"title\":\"x\"}"),
    (Method::POST, "/todos", JSON, b"{}"),
    (Method::POST, "/todos", JSON, b"{\"title\":\" \"}"),
    (Method::POST, "/todos", JSON, b"{\"title\":\"\\u200b\\ufeff\\u3164\\u202e\"}"),
    (Method::POST, "/todos", JSON, b"{\"title\":\"two\\nlines\"}"),
    (Method::POST, "/todos", JSON, b"{\"title\":\"a\",\"title\":\"b\"}"),
    (
        Method::POST,
        "/todos",
        JSON,
        b"{\"title\":7,\"notes\":\"\\u0000\",\"completed\":\"yes\",\"order\":1e300,\"due/date~\":1}",
    ),
    (Method::POST, "/todos", JSON, b"{\"title\":\"x\",\"order\":1e999}"),
    (Method::PATCH, ID, JSON, b"{\"title\":null,\"completed\":null,\"order\":null,\"id\":1}"),
    (Method::PUT, ID, JSON, b"{\"notes\":null}"),
    (Method::POST, "/login", JSON, b"{\"username\":1,\"password\":\"x\"}"),
    (Method::POST, "/login", JSON, b"{\"username\":\"eve\"}"),
];

async fn send(
    client: &Client,
    method: &Method,
    path: &str,
    media_type: &str,
    body: &[u8],
) -> String {
    let mut request = client.request(method.clone(), path);
    if !media_type.is_empty() {
        request = request.header(header::CONTENT_TYPE, media_type);
    }
    let answer = client.send(request, Bytes::copy_from_slice(body)).await;
    assert_eq!(
        answer.header(header::CONTENT_TYPE),
        "application/problem+json",
        "{path}"
    );
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status.as_u16(), "{path}");
    let mut shown = format!("{method} {path}");
    if !body.is_empty() {
        write!(shown, "\n{media_type}: {}", body.escape_ascii()).unwrap();
    }
    for error in problem["errors"].as_array().into_iter().flatten() {
        assert!(error["parameter"] != "", "{path}: {error}");
        let whole = error["detail"]
            .as_str()
            .unwrap()
            .starts_with("must be an object");
        assert!(error["pointer"] != "" || whole, "{path}: {error}");
    }
    for name in [
        "allow",
        "retry-after",
        "accept",
        "accept-post",
        "accept-patch",
        "accept-encoding",
    ] {
        if let Some(value) = answer.headers.get(name) {
            write!(shown, "\n< {name}: {}", value.to_str().unwrap()).unwrap();
        }
    }
    format!("{shown}\n{problem:#}\n\n")
}

#[tokio::test]
async fn every_refusal_is_a_problem_that_helps() {
    let server = Server::start().await;
    let mut shown = String::new();
    for (method, path, media_type, body) in REQUESTS {
        shown += &send(&server.client, method, path, media_type, body).await;
    }
    golden::check("problems.txt", &shown);
    server.stop().await;
}

#[tokio::test]
async fn a_compressed_body_is_refused_on_every_route_that_reads_one() {
    let server = Server::start().await;
    let client = &server.client;
    let todo = client.post("/todos", &json!({ "title": "x" })).await.json();
    let todo = todo["url"].as_str().unwrap();
    let items = format!("{todo}/items");
    for (method, path) in [
        (Method::POST, "/todos"),
        (Method::PUT, todo),
        (Method::PATCH, todo),
        (Method::POST, &items),
        (Method::PUT, "/items/0191b2a4-5c00-7000-8000-0000000000aa"),
        (Method::PATCH, "/items/0191b2a4-5c00-7000-8000-0000000000aa"),
        (Method::POST, "/login"),
        (Method::POST, "/lab/after"),
    ] {
        let request = client.request(method.clone(), path);
        let request = request.header(header::CONTENT_TYPE, JSON);
        let request = request.header(header::CONTENT_ENCODING, "gzip");
        let answer = client.send(request, "{\"title\":\"y\"}").await.expect(415);
        assert_eq!(answer.header(header::ACCEPT_ENCODING), "identity", "{path}");
        assert_eq!(answer.json()["errors"][0]["header"], "Content-Encoding");
        let request = client.request(method, path);
        let request = request.header(header::CONTENT_TYPE, JSON);
        let request = request.header(header::CONTENT_ENCODING, "identity");
        let answer = client.send(request, "{\"nothing\":0}").await;
        assert_eq!(answer.status, 422, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let defaults = config();
    let server = Server::with(Config {
        limits: Limits {
            body: 100,
            ..defaults.limits
        },
        ..defaults
    })
    .await;
    let body = format!("{{\"title\":\"{}\"}}", "x".repeat(100));
    let shown = send(
        &server.client,
        &Method::POST,
        "/todos",
        JSON,
        body.as_bytes(),
    )
    .await;
    assert!(shown.contains("/problems/body-too-large"), "{shown}");
    server.stop().await;
}

#[tokio::test]
async fn every_type_leads_to_what_it_means() {
    let server = Server::start().await;
    let client = &server.client;
    let kinds = client.get("/problems").await.expect(200).json();
    for kind in kinds.as_array().unwrap() {
        let path = kind["type"].as_str().unwrap();
        assert_eq!(client.get(path).await.expect(200).json(), *kind);
    }
    golden::check("problem-kinds.json", &format!("{kinds:#}\n"));
    server.stop().await;
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let server = Server::start().await;
    let client = &server.client;
    let answer = client
        .send(client.request(Method::HEAD, "/todos"), "")
        .await;
    assert_eq!(answer.expect(200).body.len(), 0);
    let missing: Value = client.get("/nowhere").await.expect(404).json();
    assert_eq!(missing["type"], "/problems/route-not-found");
    server.stop().await;
}

/// The operations are taken from the OpenAPI document, so that none is forgotten.
#[tokio::test]
async fn no_operation_ignores_a_parameter_that_it_does_not_know() {
    let server = Server::start().await;
    let client = &server.client;
    let document = client.get("/openapi.json").await.expect(200).json();
    for (template, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let id = "0191b2a4-5c00-7000-8000-0000000000aa";
            let path = template
                .replace("{id}", id)
                .replace("{experiment}", "after");
            for (query, name) in [("surprise=1", "surprise"), ("=1", "="), ("%ff", "\u{fffd}")] {
                let method: Method = method.to_uppercase().parse().unwrap();
                let request = client.request(method.clone(), &format!("{path}?{query}"));
                let answer = client.send(request, "").await;
                assert_eq!(answer.status, 422, "{method} {path}?{query}");
                let problem = answer.json();
                assert_eq!(
                    problem["errors"][0]["parameter"], name,
                    "{method} {path}: {problem}"
                );
            }
        }
    }
    // Pages accept any parameters, because links may add them.
    for page in ["/", "/lab", "/docs", "/web/app.js", "/openapi.json"] {
        client.get(&format!("{page}?from=mail")).await.expect(200);
    }
    client.get("/healthz?&").await.expect(200);
    server.stop().await;
}
