//! The OpenAPI document, and the page that shows it.

use axum::http::{Method, header};
use serde_json::Value;

use crate::golden;
use crate::server::Server;

#[tokio::test]
async fn the_description_is_what_it_was() {
    let server = Server::start().await;
    let document = server.client.get("/openapi.json").await.expect(200).json();
    golden::check("openapi.json", &format!("{document:#}\n"));
    server.stop().await;
}

/// Every path and method in the document is served, and every served one is in the document.
#[tokio::test]
async fn the_description_and_the_routes_agree() {
    let server = Server::start().await;
    let client = &server.client;
    let document = client.get("/openapi.json").await.expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    for (path, operations) in document["paths"].as_object().unwrap() {
        let parameters = ["{id}", "{slug}", "{experiment}"];
        let path = parameters
            .iter()
            .fold(path.clone(), |path, name| path.replace(name, "x"));
        let answer = client.send(client.request(Method::TRACE, &path), "").await;
        let allow = answer.expect(405).header(header::ALLOW).to_owned();
        let allow: Vec<_> = allow.split(',').filter(|m| *m != "HEAD").collect();
        let mut described: Vec<_> = operations.as_object().unwrap().keys().cloned().collect();
        described.retain(|name| name != "parameters");
        let described: Vec<_> = described.iter().map(|name| name.to_uppercase()).collect();
        for method in &allow {
            assert!(
                described.iter().any(|d| d == method),
                "{method} {path} is not described"
            );
        }
        assert_eq!(
            allow.len(),
            described.len(),
            "{path}: {allow:?} {described:?}"
        );
    }
    server.stop().await;
}

/// The page loads nothing from other origins, and its policy would forbid that.
#[tokio::test]
async fn the_reference_works_offline() {
    let server = Server::start().await;
    let client = &server.client;
    let page = client.get("/docs").await.expect(200);
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let sources = html.split(['"']).filter(|part| part.starts_with("/docs/"));
    let mut count = 0;
    for source in sources {
        let plain = client.get(source).await.expect(200);
        let request = client.request(Method::GET, source);
        let request = request.header(header::ACCEPT_ENCODING, "br, gzip");
        let packed = client.send(request, "").await.expect(200);
        assert_eq!(packed.header(header::CONTENT_ENCODING), "gzip");
        assert!(packed.body.starts_with(&[0x1f, 0x8b]), "{source}");
        assert!(plain.body.len() < 1000 || packed.body.len() < plain.body.len());
        count += 1;
    }
    assert_eq!(count, 5);
    assert!(!html.contains("://"), "{html}");
    server.stop().await;
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let server = Server::start().await;
    let client = &server.client;
    let first = client.get("/").await.expect(200);
    let ask = client.request(Method::GET, "/");
    let ask = ask.header(header::IF_NONE_MATCH, first.header(header::ETAG));
    let again = client.send(ask, "").await.expect(304);
    assert!(again.body.is_empty());
    let ask = client.request(Method::GET, "/");
    let ask = ask.header(header::IF_NONE_MATCH, "W/\"of another version\"");
    assert_eq!(client.send(ask, "").await.expect(200).body, first.body);
    server.stop().await;
}

#[tokio::test]
async fn the_service_says_that_it_is_well() {
    let server = Server::start().await;
    for path in ["/healthz", "/readyz"] {
        let health: Value = server.client.get(path).await.expect(200).json();
        assert_eq!(health["status"], "ok");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_files_of_pages_say_what_they_are() {
    let server = Server::start().await;
    let client = &server.client;
    for (path, media_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/web/app.js", "text/javascript; charset=utf-8"),
        ("/shared/site.css", "text/css; charset=utf-8"),
        ("/shared/icon.svg", "image/svg+xml"),
        ("/lab/page/lab.js", "text/javascript; charset=utf-8"),
        ("/docs/favicon-32x32.png", "image/png"),
    ] {
        let file = client.get(path).await.expect(200);
        assert_eq!(file.header(header::CONTENT_TYPE), media_type, "{path}");
        assert_eq!(file.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    for path in [
        "/web/nothing.js",
        "/web/",
        "/web/%2e%2e",
        "/docs/index.html",
    ] {
        let nothing = client.get(path).await.expect(404);
        assert_eq!(
            nothing.json()["type"],
            "/problems/route-not-found",
            "{path}"
        );
    }
    server.stop().await;
}
