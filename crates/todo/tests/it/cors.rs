//! What pages of another origin may send and read if `--cors-origin` allows them.

use axum::http::{HeaderMap, HeaderName, Method, header};
use todo::http::{AllowedOrigins, Limits, Origin};
use todo::service::Config;

use crate::server::{Answer, Server, config};

const PAGE: &str = "https://page.example";

async fn server() -> Server {
    let defaults = config();
    let origin: Origin = PAGE.parse().unwrap();
    let limits = Limits {
        origins: AllowedOrigins::new([origin]),
        ..defaults.limits
    };
    Server::with(Config { limits, ..defaults }).await
}

/// The elements of all headers of this name.
fn names(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter();
    values
        .flat_map(|value| value.to_str().unwrap().split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

/// The preflight of a request with these headers.
async fn preflight(server: &Server, method: &str, headers: &str) -> Answer {
    let client = &server.client;
    let request = client
        .request(Method::OPTIONS, "/todos")
        .header(header::ORIGIN, PAGE)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, method)
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, headers);
    client.send(request, "").await.expect(200)
}

#[tokio::test]
async fn a_page_may_send_what_clients_send() {
    let server = server().await;
    for name in [
        "accept",
        "cache-control",
        "content-type",
        "if-match",
        "if-none-match",
        "if-unmodified-since",
        "last-event-id",
        "pragma",
        "traceparent",
        "x-request-id",
        "x-requested-with",
    ] {
        let answer = preflight(&server, "PATCH", name).await;
        let allowed = names(&answer.headers, &header::ACCESS_CONTROL_ALLOW_HEADERS);
        assert_eq!(allowed, [name]);
    }
    let several = "cache-control,last-event-id";
    let answer = preflight(&server, "GET", several).await;
    let allowed = names(&answer.headers, &header::ACCESS_CONTROL_ALLOW_HEADERS);
    assert_eq!(allowed, ["cache-control", "last-event-id"]);
    let methods = names(&answer.headers, &header::ACCESS_CONTROL_ALLOW_METHODS);
    assert_eq!(methods, ["get", "head", "post", "put", "patch", "delete"]);
    server.stop().await;
}

/// Requests with every kind of response: created, paged, cached, refused, missing.
const REQUESTS: &[(&str, &str, &str, &str)] = &[
    (
        "POST /todos",
        "content-type",
        "application/json",
        r#"{"title":"x"}"#,
    ),
    (
        "POST /todos",
        "content-type",
        "application/json",
        r#"{"title":"x"}"#,
    ),
    ("GET /todos?limit=1", "", "", ""),
    ("GET /todos?limit=0", "", "", ""),
    ("HEAD /todos", "accept-encoding", "gzip", ""),
    ("POST /todos", "content-type", "text/plain", "x"),
    ("POST /todos", "content-type", "application/json", "["),
    ("PATCH /todos/x", "content-type", "text/plain", "x"),
    ("TRACE /todos", "", "", ""),
    ("GET /nowhere", "", "", ""),
    ("GET /todos", "host", "evil.example", ""),
    ("GET /", "accept-encoding", "gzip", ""),
    ("GET /", "if-none-match", "*", ""),
    ("GET /metrics", "", "", ""),
    ("GET /openapi.json", "", "", ""),
    ("GET /_sabr", "", "", ""),
    ("POST /login", "", "", ""),
    ("DELETE /todos", "", "", ""),
];

async fn answers(server: &Server) -> Vec<Answer> {
    let client = &server.client;
    let mut answers = Vec::new();
    for (line, name, value, body) in REQUESTS {
        let (method, path) = line.split_once(' ').unwrap();
        let request = client.request(method.parse().unwrap(), path);
        let mut request = request.header(header::ORIGIN, PAGE);
        if !name.is_empty() {
            request = request.header(*name, *value);
        }
        answers.push(client.send(request, *body).await);
    }
    // A stream does not end, so its body is not read.
    for (method, path) in [(Method::GET, "/events"), (Method::POST, "/lab/sequence")] {
        let request = client.request(method, path).header(header::ORIGIN, PAGE);
        let (head, _) = client.open(request).await.into_parts();
        answers.push(Answer {
            status: head.status,
            headers: head.headers,
            body: Default::default(),
        });
    }
    answers
}

#[tokio::test]
async fn a_page_may_read_every_header_of_an_answer() {
    // Headers that every page may read, by the Fetch standard.
    let safe = ["cache-control", "content-length", "content-type"];
    // Headers for the browser or for intermediaries, which pages need not read.
    let for_the_browser = [
        "access-control-allow-origin",
        "access-control-expose-headers",
        "connection",
        "content-encoding",
        "content-security-policy",
        "cross-origin-resource-policy",
        "referrer-policy",
        "transfer-encoding",
        "vary",
        "x-accel-buffering",
        "x-content-type-options",
    ];
    let server = server().await;
    let answers = answers(&server).await;
    for answer in &answers {
        let exposed = names(&answer.headers, &header::ACCESS_CONTROL_EXPOSE_HEADERS);
        for name in answer.headers.keys().map(HeaderName::as_str) {
            assert!(
                safe.contains(&name)
                    || for_the_browser.contains(&name)
                    || exposed.iter().any(|exposed| exposed == name),
                "{name} cannot be read: {answer:?}"
            );
        }
        // A cache must not serve the response for one origin to a page of another origin.
        let vary = names(&answer.headers, &header::VARY);
        assert!(vary.iter().any(|name| name == "origin"), "{answer:?}");
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), PAGE);
    }
    // The check above is only meaningful if these headers occur.
    for name in ["allow", "etag", "link", "location", "x-request-id"] {
        let found = answers
            .iter()
            .any(|answer| answer.headers.contains_key(name));
        assert!(found, "no answer has {name}");
    }
    server.stop().await;
}
