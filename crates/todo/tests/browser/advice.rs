//! A service that does what it should not, and how the ledger says so.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use sabr::Sabr;
use tokio::net::TcpListener;

use crate::browser::{Browser, DESKTOP, PHONE, Theme};
use crate::card::wait_for_requests;
use crate::looks::{check_contrast, check_width};
use crate::server::Client;

/// Holds a thread of the event loop, as a blocking call does.
async fn blocks() {
    std::thread::sleep(Duration::from_millis(10));
}

/// Holds it for so long that the watchdog looks what it is at.
async fn stalls() {
    std::thread::sleep(STALL_LIMIT * 8);
}

const STALL_LIMIT: Duration = Duration::from_millis(50);

/// Has nothing to wait for.
async fn ready() {}

/// Serves for as long as the test lasts.
async fn start() -> Client {
    let sabr = Sabr::builder().stall_limit(STALL_LIMIT).build();
    let app = Router::new()
        .route("/report", get(blocks))
        .route("/export", get(stalls))
        .route("/version", get(ready))
        .nest("/_sabr", sabr.ledger().page().into_router());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { sabr.serve(listener, app).await });
    Client::new(address.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoint_that_hurts_others_stands_first_and_says_what_to_do() {
    let client = start().await;
    for _ in 0..120 {
        client.get("/version").await.expect(200);
    }
    for _ in 0..40 {
        client.get("/report").await.expect(200);
    }
    let Some(browser) = Browser::open(&client.url("/_sabr"), DESKTOP, Theme::Light).await else {
        return;
    };
    wait_for_requests(&browser, "GET /report", 40).await;
    let first = "const card = document.querySelector('.card');
        return [card.closest('section').querySelector('h2').innerText, card.querySelector('.verdict').innerText]";
    let first = browser.run(first).await;
    let heading = first[0].as_str().unwrap();
    assert!(heading.starts_with("Hurts other requests"), "{heading}");
    assert_eq!(first[1], "blocks the event loop");
    let title = browser.run("return document.title").await;
    assert!(title.as_str().unwrap().starts_with('('), "{title}");

    let code = "return [...document.querySelectorAll('.card.problem .advice code')].map((code) => code.innerText)";
    let code = browser.run(code).await;
    assert_eq!(code[0], "sabr::blocking(|| ..).await", "{code}");
    let backticks = "return document.body.innerText.includes('`')";
    assert_eq!(browser.run(backticks).await, false);

    check_contrast(&browser).await;
    browser.screenshot("advice-1280-light").await;
    browser.prefer(Theme::Dark).await;
    check_contrast(&browser).await;
    browser.resize(PHONE).await;
    check_width(&browser).await;
    browser.screenshot("advice-390-dark").await;
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stall_is_shown_with_the_line_that_holds_the_thread() {
    let client = start().await;
    client.get("/export").await.expect(200);
    let Some(browser) = Browser::open(&client.url("/_sabr"), DESKTOP, Theme::Light).await else {
        return;
    };
    browser
        .wait_for("document.querySelector('#stalls .stall .line code')")
        .await;
    let stall = "return document.querySelector('#stalls .stall').innerText";
    let stall = browser.run(stall).await;
    let stall = stall.as_str().unwrap();
    assert!(stall.contains("GET /export"), "{stall}");
    assert!(stall.contains("tests/browser/advice.rs:"), "{stall}");
    browser.click("#stalls summary").await;
    browser
        .wait_for("document.querySelector('#stalls .stack').innerText.includes('sleep')")
        .await;
    check_contrast(&browser).await;
    check_width(&browser).await;
    browser.screenshot("stall-1280-light").await;
    browser.prefer(Theme::Dark).await;
    check_contrast(&browser).await;
    browser.resize(PHONE).await;
    check_width(&browser).await;
}
