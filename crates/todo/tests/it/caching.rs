//! Caching: which responses may be stored, and how clients revalidate them.

use axum::http::{HeaderMap, Method, header};
use serde_json::Value;

use crate::server::{Answer, Client, Server};

/// Paths of embedded files: a page, a script, and the ledger's page and script.
const FILES: [&str; 6] = [
    "/",
    "/web/app.js",
    "/docs",
    "/docs/swagger-ui-bundle.js",
    "/_sabr",
    "/_sabr/page.js",
];

async fn get(client: &Client, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(method, path);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    client.send(request, "").await
}

fn check_private(headers: &HeaderMap, what: &str) {
    let cached = headers.get(header::CACHE_CONTROL);
    assert_eq!(cached.unwrap(), "no-store", "{what}");
}

#[tokio::test]
async fn no_answer_of_the_api_may_be_kept() {
    let server = Server::start().await;
    let client = &server.client;
    let document = client.get("/openapi.json").await.expect(200);
    check_private(&document.headers, "/openapi.json");
    for (template, operations) in document.json()["paths"].as_object().unwrap() {
        let path = template
            .replace("{slug}", "invalid")
            .replace("{", "")
            .replace("}", "");
        for method in operations.as_object().unwrap().keys() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                continue;
            };
            let answer = client.open(client.request(method.clone(), &path)).await;
            check_private(answer.headers(), &format!("{method} {path}"));
        }
        let answer = client.send(client.request(Method::TRACE, &path), "").await;
        check_private(&answer.expect(405).headers, &path);
    }
    let todo = client
        .post("/todos", &serde_json::json!({ "title": "a" }))
        .await;
    check_private(&todo.headers, "POST /todos");
    let todo: Value = todo.expect(201).json();
    let answer = client.get(todo["url"].as_str().unwrap()).await;
    check_private(&answer.expect(200).headers, "a todo");
    for path in [
        "/nowhere",
        "/web/nothing.js",
        "/_sabr/ledger.json",
        "/_sabr/nothing",
    ] {
        check_private(&client.get(path).await.headers, path);
    }
    let foreign = get(client, Method::GET, "/todos", &[("host", "example.com")]).await;
    check_private(&foreign.headers, "a foreign host");
    server.stop().await;
}

#[tokio::test]
async fn what_a_client_has_is_found_in_lists_of_tags() {
    let server = Server::start().await;
    let client = &server.client;
    for path in FILES {
        for encoding in ["gzip", "br, gzip;q=0.8", "identity"] {
            let accept = ("accept-encoding", encoding);
            let first = get(client, Method::GET, path, &[accept]).await.expect(200);
            let tag = first.header(header::ETAG).to_owned();
            // The tag is shared by two encodings, so it has to be weak.
            assert!(tag.starts_with("W/\""), "{path}: {tag}");
            let strong = tag.trim_start_matches("W/");
            for (asked, status) in [
                (tag.clone(), 304),
                (strong.to_owned(), 304),
                (format!("\"a,b\", {tag}"), 304),
                ("*".to_owned(), 304),
                ("\"a\", W/\"b\"".to_owned(), 200),
                ("a".to_owned(), 200),
            ] {
                for method in [Method::GET, Method::HEAD] {
                    let asked = [accept, ("if-none-match", &asked)];
                    let answer = get(client, method, path, &asked).await.expect(status);
                    assert_eq!(answer.header(header::ETAG), tag, "{path} {asked:?}");
                    assert_eq!(answer.header(header::VARY), "accept-encoding");
                    assert_eq!(answer.header(header::CACHE_CONTROL), "no-cache");
                    if status == 304 {
                        assert_eq!(answer.header(header::CONTENT_TYPE), "", "{path}");
                    }
                }
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn files_are_compressed_for_those_who_take_it() {
    let server = Server::start().await;
    let client = &server.client;
    let plain = client.get("/web/app.js").await.expect(200);
    for (accepted, compressed) in [
        ("gzip", true),
        ("br, gzip;q=0.8", true),
        ("*", true),
        ("gzip;q=0", false),
        ("identity", false),
        ("identity;q=1, gzip;q=0.5", false),
    ] {
        let accept = [("accept-encoding", accepted)];
        let answer = get(client, Method::GET, "/web/app.js", &accept).await;
        let encoding = answer.header(header::CONTENT_ENCODING);
        assert_eq!(encoding == "gzip", compressed, "{accepted}");
        assert_eq!(answer.body == plain.body, !compressed, "{accepted}");
        // A file is compressed once and kept. A response that is compressed on the fly would have
        // no length.
        let length = answer.header(header::CONTENT_LENGTH);
        assert_eq!(length, answer.body.len().to_string(), "{accepted}");
    }
    server.stop().await;
}
