use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Method, Request, StatusCode};
use sabr::ledger::snapshot::Gauge;
use sabr::{Sabr, wait};
use tower::ServiceExt;

use crate::support::{Server, read};

/// Sends a request to `app`, and reads the body to its end.
async fn call(app: Router, path: &str) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
}

fn app(sabr: &Sabr) -> Router {
    Router::new()
        .route("/quick", get(|| async { "quick" }))
        .route(
            "/blocks",
            get(|| async { std::thread::sleep(Duration::from_millis(10)) }),
        )
        .layer(sabr.layer())
}

#[tokio::test]
async fn assertion_holds_while_nothing_blocks() {
    let sabr = Sabr::default();
    call(app(&sabr), "/quick").await;
    sabr.ledger().assert_never_blocks();
    sabr.ledger().assert_route_never_blocks("/quick");
}

#[tokio::test]
#[should_panic(expected = "GET /blocks: blocked for up to 10 ms inside a poll")]
#[cfg(target_os = "linux")]
async fn assertion_names_the_handler_that_blocked() {
    let sabr = Sabr::default();
    call(app(&sabr), "/blocks").await;
    sabr.ledger().assert_never_blocks();
}

#[tokio::test]
async fn assertion_about_one_route_leaves_the_others_alone() {
    let sabr = Sabr::default();
    call(app(&sabr), "/blocks").await;
    call(app(&sabr), "/quick").await;
    sabr.ledger().assert_route_never_blocks("/quick");
}

#[test]
#[should_panic(expected = "no request for the route \"/qiuck\"")]
fn assertion_about_a_route_that_nobody_asked_for_fails() {
    Sabr::default().ledger().assert_route_never_blocks("/qiuck");
}

#[tokio::test]
async fn server_timing_is_sent_when_asked_for() {
    let waits = || async { wait("db", tokio::time::sleep(Duration::from_millis(3))).await };
    let app = || Router::new().route("/", get(waits));
    for on in [true, false] {
        let server = Server::start(Sabr::builder().server_timing(on).build(), app()).await;
        let response = server.connect().await.request(Method::GET, "/").await;
        let timing = response.headers().get("server-timing");
        let timing = timing.map(|timing| timing.to_str().unwrap().to_owned());
        server.stop().await;
        assert_eq!(timing.is_some(), on);
        if let Some(timing) = timing {
            let of = |name: &str| {
                let entry = timing
                    .split(", ")
                    .find_map(|entry| entry.strip_prefix(name));
                entry.and_then(|entry| entry.strip_prefix(";dur=")?.parse::<f64>().ok())
            };
            assert!(of("waiting").unwrap() >= 2.9, "{timing}");
            assert!(of("db").unwrap() >= 2.9, "{timing}");
        }
    }
}

#[tokio::test]
async fn page_shows_the_ledger_and_is_not_in_it() {
    let sabr = Sabr::default();
    let ledger = sabr.ledger();
    ledger.show("Coffee", || vec![Gauge::new("cups", 3.0, "")]);
    let app = Router::new()
        .route("/", get(|| async { "ok" }))
        .nest("/_sabr", ledger.page().into_router());
    let server = Server::start(sabr, app).await;
    let mut client = server.connect().await;
    client.get("/").await;
    let local = |path: &str| {
        let mut request = crate::support::request(Method::GET, path);
        request
            .headers_mut()
            .insert("host", "localhost".parse().unwrap());
        request
    };
    client.send.ready().await.unwrap();
    let page = client.send.send_request(local("/_sabr")).await.unwrap();
    let (status, page) = read(page).await;
    assert_eq!(status, StatusCode::OK);
    assert!(String::from_utf8_lossy(&page).contains("wait ledger"));
    client.send.ready().await.unwrap();
    let json = client
        .send
        .send_request(local("/_sabr/ledger.json"))
        .await
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&read(json).await.1).unwrap();
    let endpoints = json["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 1, "{json}");
    assert_eq!(endpoints[0]["route"], "/");
    assert_eq!(json["gauges"][0]["gauges"][0]["value"], 3.0);
    server.stop().await;
}

#[cfg(feature = "prometheus")]
#[tokio::test]
async fn metrics_have_the_stable_name_and_buckets_and_ours_in_our_namespace() {
    use sabr::ledger::MetricsFormat;

    let sabr = Sabr::default();
    call(app(&sabr), "/quick").await;
    call(app(&sabr), "/missing").await;
    let text = sabr.ledger().metrics(MetricsFormat::OpenMetrics);
    let has = |line: &str| {
        assert!(
            text.lines().any(|found| found.starts_with(line)),
            "{line}\n{text}"
        )
    };
    has("# UNIT http_server_request_duration_seconds seconds");
    has(
        "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_route=\"/quick\",http_response_status_code=\"200\"} 1",
    );
    for boundary in [
        "0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1.0", "2.5",
        "5.0", "7.5", "10.0", "+Inf",
    ] {
        has(&format!(
            "http_server_request_duration_seconds_bucket{{le=\"{boundary}\""
        ));
    }
    has(
        "http_server_request_duration_seconds_count{http_request_method=\"ANY\",http_response_status_code=\"404\"} 1",
    );
    has(
        "sabr_request_phase_seconds_total{http_request_method=\"GET\",http_route=\"/quick\",phase=\"computing\"}",
    );
    has(
        "sabr_verdict{http_request_method=\"GET\",http_route=\"/quick\",verdict=\"too early to say\"} 1",
    );
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn reset_forgets_what_has_ended() {
    let sabr = Sabr::default();
    call(app(&sabr), "/quick").await;
    sabr.ledger().reset();
    assert!(sabr.ledger().endpoints().is_empty());
}

#[tokio::test]
async fn requests_of_another_sabr_are_in_its_own_ledger() {
    let (one, other) = (Arc::new(Sabr::default()), Arc::new(Sabr::default()));
    call(app(&one), "/quick").await;
    assert_eq!(one.ledger().endpoints().len(), 1);
    assert!(other.ledger().endpoints().is_empty());
}
