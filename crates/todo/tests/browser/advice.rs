//! A service with faulty endpoints, and the ledger's advice about them.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use sabr::ledger::snapshot::StallSnapshot;
use sabr::{Ledger, Sabr};
use tokio::net::TcpListener;

use crate::browser::{Browser, DESKTOP, PHONE, Theme};
use crate::card::wait_for_requests;
use crate::looks::{check_contrast, check_width};
use crate::server::Client;

/// Blocks a thread of the event loop, like a blocking call.
async fn blocks() {
    std::thread::sleep(Duration::from_millis(10));
}

/// Blocks a thread of the event loop until the test releases it.
async fn stalls(State(release): State<Release>) {
    let _ = release.lock().unwrap().recv();
}

type Release = Arc<Mutex<mpsc::Receiver<()>>>;

/// Does not wait for anything.
async fn ready() {}

/// Starts the service, which runs for as long as the test. Sending on the channel releases a
/// thread.
async fn start() -> (Client, Ledger, mpsc::Sender<()>) {
    let sabr = Sabr::default();
    let ledger = sabr.ledger();
    let (release, released) = mpsc::channel();
    let app = Router::new()
        .route("/report", get(blocks))
        .route("/export", get(stalls))
        .route("/version", get(ready))
        .nest("/_sabr", ledger.page().into_router())
        .with_state(Arc::new(Mutex::new(released)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { sabr.serve(listener, app).await });
    (Client::new(address.to_string()), ledger, release)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoint_that_hurts_others_stands_first_and_says_what_to_do() {
    let (client, ..) = start().await;
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

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stall_is_shown_with_the_line_that_holds_the_thread() {
    let (client, ledger, release) = start().await;
    let asking = client.clone();
    let asked = tokio::spawn(async move { asking.get("/export").await });
    // This loop runs outside of the event loop, which may be stuck while one of its threads is
    // blocked.
    let late = Instant::now() + Duration::from_secs(60);
    let seen = |stall: &StallSnapshot| !stall.stack.is_empty();
    while !ledger.snapshot().stalls.iter().any(seen) {
        assert!(Instant::now() < late, "nobody noticed");
        std::thread::sleep(Duration::from_millis(5));
    }
    release.send(()).unwrap();
    asked.await.unwrap().expect(200);
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
        .wait_for("document.querySelector('#stalls .stack').innerText.includes('advice::stalls')")
        .await;
    check_contrast(&browser).await;
    check_width(&browser).await;
    browser.screenshot("stall-1280-light").await;
    browser.prefer(Theme::Dark).await;
    check_contrast(&browser).await;
    browser.resize(PHONE).await;
    check_width(&browser).await;
}
