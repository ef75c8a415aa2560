use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{Request, StatusCode, Version, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::{Page, fixture};
use crate::Sabr;

fn app() -> Router {
    let page = Page::new(fixture::source());
    Router::new().nest(
        "/_sabr",
        page.link("Todo", "/").link("API", "/docs").into_router(),
    )
}

/// A request from this machine, with a loopback host.
fn request(path: &str) -> Request<Body> {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    let headers = request.headers_mut();
    headers.insert(header::HOST, "localhost:8000".parse().unwrap());
    come_from(&mut request, "127.0.0.1:4711");
    request
}

fn come_from(request: &mut Request<Body>, peer: &str) {
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
}

async fn answer(app: Router, request: Request<Body>) -> Response {
    app.oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    let body = response.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

async fn check_guard(what: &str, expected: StatusCode, request: Request<Body>) {
    let response = answer(app(), request).await;
    assert_eq!(response.status(), expected, "{what}");
}

#[tokio::test]
async fn only_this_machine_is_let_in() {
    for (peer, expected) in [
        ("127.0.0.1:4711", StatusCode::OK),
        ("127.8.9.10:4711", StatusCode::OK),
        ("[::1]:4711", StatusCode::OK),
        ("[::ffff:127.0.0.1]:4711", StatusCode::OK),
        ("192.168.1.5:4711", StatusCode::FORBIDDEN),
        ("[::ffff:192.168.1.5]:4711", StatusCode::FORBIDDEN),
        ("[2001:db8::1]:4711", StatusCode::FORBIDDEN),
    ] {
        let mut request = request("/_sabr");
        come_from(&mut request, peer);
        check_guard(peer, expected, request).await;
    }
    let mut unknown = request("/_sabr");
    unknown.extensions_mut().clear();
    check_guard("no peer", StatusCode::FORBIDDEN, unknown).await;
}

#[tokio::test]
async fn requests_for_another_host_are_refused() {
    for (host, expected) in [
        ("localhost", StatusCode::OK),
        ("LocalHost:8000", StatusCode::OK),
        ("localhost.:8000", StatusCode::OK),
        ("shop.localhost:8000", StatusCode::OK),
        ("127.0.0.1:8000", StatusCode::OK),
        ("127.1.2.3", StatusCode::OK),
        ("[::1]:8000", StatusCode::OK),
        ("", StatusCode::FORBIDDEN),
        ("evil.example", StatusCode::FORBIDDEN),
        ("localhost.evil.example", StatusCode::FORBIDDEN),
        ("notlocalhost", StatusCode::FORBIDDEN),
        ("127.0.0.1.evil.example", StatusCode::FORBIDDEN),
        ("0.0.0.0:8000", StatusCode::FORBIDDEN),
        ("[::]:8000", StatusCode::FORBIDDEN),
        ("192.168.1.5", StatusCode::FORBIDDEN),
        ("localhost:80:80", StatusCode::FORBIDDEN),
        ("[::1]x", StatusCode::FORBIDDEN),
    ] {
        let mut request = request("/_sabr/ledger.json");
        let headers = request.headers_mut();
        headers.insert(header::HOST, host.parse().unwrap());
        check_guard(host, expected, request).await;
    }
}

#[tokio::test]
async fn no_host_two_hosts_and_contradicting_hosts_are_refused() {
    let mut none = request("/_sabr");
    none.headers_mut().remove(header::HOST);
    check_guard("none", StatusCode::FORBIDDEN, none).await;

    let mut two = request("/_sabr");
    let second = "127.0.0.1".parse().unwrap();
    two.headers_mut().append(header::HOST, second);
    check_guard("two", StatusCode::FORBIDDEN, two).await;

    let contradicting = request("http://127.0.0.1/_sabr");
    check_guard("contradicting", StatusCode::FORBIDDEN, contradicting).await;

    let mut authority = request("http://localhost:8000/_sabr");
    authority.headers_mut().remove(header::HOST);
    check_guard("authority alone", StatusCode::OK, authority).await;
}

#[tokio::test]
async fn proxies_are_refused() {
    for name in [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-server",
        "x-real-ip",
    ] {
        let mut request = request("/_sabr");
        let headers = request.headers_mut();
        headers.insert(name, "127.0.0.1".parse().unwrap());
        check_guard(name, StatusCode::FORBIDDEN, request).await;
    }
    let mut old = request("/_sabr");
    *old.version_mut() = Version::HTTP_10;
    check_guard("HTTP/1.0", StatusCode::FORBIDDEN, old).await;
}

#[tokio::test]
async fn guard_stands_before_everything_and_says_what_to_do() {
    for path in [
        "/_sabr",
        "/_sabr/page.css",
        "/_sabr/page.js",
        "/_sabr/ledger.json",
        "/_sabr/endpoint.json?method=GET&route=/todos",
    ] {
        let mut stranger = request(path);
        come_from(&mut stranger, "192.0.2.1:80");
        let response = answer(app(), stranger).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        let problem = json(response).await;
        assert!(problem["detail"].as_str().unwrap().contains("Page::guard"));
    }
}

#[tokio::test]
async fn given_guard_replaces_the_default() {
    let page = Page::new(fixture::source())
        .guard(|parts| parts.headers.get("x-token").is_some_and(|t| t == "right"));
    let app: Router = page.into_router();
    let mut stranger = Request::get("/ledger.json").body(Body::empty()).unwrap();
    let headers = stranger.headers_mut();
    headers.insert("x-forwarded-for", "192.0.2.1".parse().unwrap());
    headers.insert("x-token", "right".parse().unwrap());
    let response = answer(app.clone(), stranger).await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = answer(app, request("/ledger.json")).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn browser_is_told_how_little_the_page_may_do() {
    for (path, kind) in [
        ("/_sabr", "text/html; charset=utf-8"),
        ("/_sabr/page.css", "text/css; charset=utf-8"),
        ("/_sabr/page.js", "text/javascript; charset=utf-8"),
        ("/_sabr/ledger.json", "application/json"),
    ] {
        let response = answer(app(), request(path)).await;
        let headers = response.headers();
        assert_eq!(headers[header::CONTENT_TYPE], kind, "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}

#[tokio::test]
async fn browser_that_has_the_page_is_not_sent_it_again() {
    for path in ["/_sabr", "/_sabr/page.js"] {
        let first = answer(app(), request(path)).await;
        assert_eq!(first.headers()[header::VARY], "accept-encoding");
        let tag = first.headers()[header::ETAG].to_str().unwrap();
        assert!(tag.starts_with("W/\""), "{tag}");
        let strong = tag.trim_start_matches("W/");
        for (asked, has_it) in [
            (tag.to_owned(), true),
            (strong.to_owned(), true),
            (format!("\"other\", {tag}"), true),
            (format!("W/\"a,b\",{strong} , \"c\""), true),
            ("*".to_owned(), true),
            ("\"other\", W/\"another\"".to_owned(), false),
            (strong.trim_matches('"').to_owned(), false),
        ] {
            let mut again = request(path);
            let headers = again.headers_mut();
            headers.insert(header::IF_NONE_MATCH, asked.parse().unwrap());
            let again = answer(app(), again).await;
            let headers = again.headers();
            assert_eq!(headers[header::ETAG], tag);
            assert_eq!(headers[header::VARY], "accept-encoding");
            assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
            assert_eq!(
                again.status() == StatusCode::NOT_MODIFIED,
                has_it,
                "{asked}"
            );
            assert_eq!(text(again).await.is_empty(), has_it, "{asked}");
        }
    }
}

async fn check_links(app: Router, path: &str, expected: &str) {
    let html = text(answer(app, request(path)).await).await;
    let link = format!(r#"src="{expected}/page.js""#);
    assert!(html.contains(&link), "{path}: {html}");
    assert!(!html.contains("{{"), "{path}");
}

#[tokio::test]
async fn links_follow_where_the_page_is_mounted() {
    let page = || Page::new(fixture::source()).into_router();
    check_links(app(), "/_sabr", "./_sabr").await;
    let deep = Router::new().nest("/internal/ledger", page());
    check_links(deep, "/internal/ledger", "./ledger").await;
    let any = || Router::new().nest("/{tenant}", page());
    check_links(any(), "/a:b", "./a:b").await;
    check_links(any(), "/a\"b&c", "./a&quot;b&amp;c").await;
    check_links(page(), "/", ".").await;
}

#[tokio::test]
async fn page_has_no_inline_script_nor_style_nor_foreign_address() {
    let html = text(answer(app(), request("/_sabr")).await).await;
    for inline in [
        "<style",
        " style=",
        " onclick=",
        "<script>",
        "//cdn",
        "https://",
    ] {
        assert!(!html.contains(inline), "{inline}");
    }
    for asset in &super::asset::ASSETS {
        let (name, script) = (asset.name(), std::str::from_utf8(asset.body()).unwrap());
        for unsafe_call in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
        ] {
            assert!(!script.contains(unsafe_call), "{name}: {unsafe_call}");
        }
    }
}

#[tokio::test]
async fn header_links_to_other_pages() {
    let page = Page::new(fixture::source())
        .link("API", "/docs?a=1&b=2")
        .link("Here", "/")
        .link("<b>", "\"><script>");
    let html = text(answer(page.into_router(), request("/")).await).await;
    assert!(html.contains(r#"<a href="/docs?a=1&amp;b=2">API</a>"#));
    assert!(html.contains(r#"<a href="/" aria-current="page">Here</a>"#));
    assert!(html.contains(r#"<a href="&quot;>&lt;script>">&lt;b></a>"#));
}

#[tokio::test]
async fn browser_on_this_machine_is_let_in_by_the_real_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async { Sabr::builder().build().serve(listener, app()).await });
    for (host, expected) in [
        ("localhost", "HTTP/1.1 200"),
        ("evil.example", "HTTP/1.1 403"),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET /_sabr/ledger.json HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(expected), "{host}: {answer}");
    }
    server.abort();
}

/// A budget for the size of the page, because it is also opened over slow links. Compressed, as
/// browsers request it.
#[tokio::test]
async fn whole_page_stays_small() {
    let mut bytes = 0;
    let paths = super::asset::ASSETS.iter().map(|asset| asset.name());
    for path in paths.chain([""]) {
        let mut request = request(format!("/_sabr/{path}").trim_end_matches('/'));
        let gzip = "gzip".parse().unwrap();
        request.headers_mut().insert(header::ACCEPT_ENCODING, gzip);
        let body = answer(app(), request).await.into_body().collect().await;
        bytes += body.unwrap().to_bytes().len();
    }
    assert!(bytes < 30 * 1024, "{bytes}");
}

#[tokio::test]
async fn ledger_is_json_and_is_read_once_for_many() {
    let read = Arc::new(AtomicUsize::new(0));
    let mut source = fixture::source();
    let counted = Arc::clone(&read);
    source.snapshot = Arc::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        fixture::snapshot(0.0)
    });
    let app: Router = Page::new(source).into_router();
    let viewers = (0..10).map(|_| answer(app.clone(), request("/ledger.json")));
    for response in futures_util::future::join_all(viewers).await {
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let ledger = json(response).await;
        assert_eq!(ledger["endpoints"][0]["route"], "/todos");
        assert_eq!(ledger["endpoints"][0]["verdict"]["severity"], "good");
        assert!(ledger["endpoints"][0]["duration"]["buckets"].is_null());
    }
    assert_eq!(read.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn endpoint_is_found_by_method_and_route() {
    let path = "/_sabr/endpoint.json?method=GET&route=/todos/%7Bid%7D";
    let endpoint = json(answer(app(), request(path)).await).await;
    assert_eq!(endpoint["route"], "/todos/{id}");
    assert_eq!(endpoint["kept"][0]["kept_as"], "slowest");
    assert!(endpoint["duration"]["buckets"][0]["count"].is_u64());

    for unknown in [
        "",
        "?method=GET",
        "?method=GET&route=/none",
        "?method=PUT&route=/todos",
    ] {
        let response = answer(app(), request(&format!("/_sabr/endpoint.json{unknown}"))).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{unknown}");
        assert_eq!(json(response).await["status"], 404, "{unknown}");
    }
}

#[tokio::test]
async fn ledger_that_cannot_be_read_is_a_problem() {
    let mut source = fixture::source();
    source.snapshot = Arc::new(|| panic!("no figures"));
    let app: Router = Page::new(source).into_router();
    let response = answer(app, request("/ledger.json")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

/// `SABR_PAGE=127.0.0.1:7070 cargo test -p sabr --lib serve_the_fixture -- --ignored`, and open
/// <http://127.0.0.1:7070/_sabr>.
#[tokio::test]
#[ignore = "serves until it is interrupted"]
async fn serve_the_fixture() {
    let address = std::env::var("SABR_PAGE").unwrap_or("127.0.0.1:7070".to_owned());
    let listener = TcpListener::bind(address).await.unwrap();
    Sabr::builder()
        .build()
        .serve(listener, app())
        .await
        .unwrap();
}
