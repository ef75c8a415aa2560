//! Reports on handlers that hold their thread.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use sabr::ledger::Ledger;
use sabr::ledger::snapshot::StallSnapshot;
use sabr::{BackgroundTasks, Sabr, block_in_place};

use crate::support::Server;

/// The limit of the wait for a report. Long enough for the slowest machine.
const FOREVER: Duration = Duration::from_secs(60);

/// Blocks its thread until the watchdog has reported the stall, with its stack if there are stacks.
fn sleep_until_seen(ledger: &Ledger) {
    let began = Instant::now();
    while !is_reported(&ledger.snapshot().stalls) {
        assert!(began.elapsed() < FOREVER, "no stall was seen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn is_reported(stalls: &[StallSnapshot]) -> bool {
    let has_stack = cfg!(feature = "stacks");
    stalls
        .iter()
        .any(|stall| !has_stack || !stall.stack.is_empty())
}

#[tokio::test]
async fn blocking_call_is_named_by_route_and_line_while_it_lasts() {
    let sabr = Sabr::default();
    let ledger = sabr.ledger();
    let handler = move |Path(_): Path<u64>| async move { sleep_until_seen(&ledger) };
    let server = Server::start(sabr, Router::new().route("/todos/{id}", get(handler))).await;
    server.connect().await.get("/todos/7").await;
    let stalls = server.sabr.ledger().snapshot().stalls;
    server.stop().await;

    let [stall] = &*stalls else {
        panic!("one stall: {stalls:#?}");
    };
    assert_eq!((stall.method, &*stall.route), ("GET", "/todos/{id}"));
    assert!(stall.duration >= 0.1, "{stall:#?}");
    if cfg!(target_os = "linux") {
        assert_eq!(stall.state, "blocked");
    }
    if cfg!(feature = "stacks") {
        let is_here = |file: &str| file.ends_with("tests/it/ledger/stalls.rs");
        let mut own = stall.stack.iter().filter(|frame| frame.own);
        let named = own.any(|frame| frame.file.as_deref().is_some_and(is_here));
        assert!(named, "{stall:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn block_in_place_is_no_stall() {
    let limit = Duration::from_millis(10);
    let sabr = Sabr::builder().stall_limit(limit).build();
    let ledger = sabr.ledger();
    let app = Router::new()
        .route(
            "/allowed",
            get(|| async { block_in_place(|| std::thread::sleep(Duration::from_millis(50))) }),
        )
        .route(
            "/blocked",
            get(move || async move { sleep_until_seen(&ledger) }),
        );
    let server = Server::start(sabr, app).await;
    let mut client = server.connect().await;
    client.get("/allowed").await;
    client.get("/blocked").await;
    let stalls = server.sabr.ledger().snapshot().stalls;
    server.stop().await;
    let routes: Vec<_> = stalls.iter().map(|stall| &*stall.route).collect();
    assert_eq!(routes, ["/blocked"]);
}

#[tokio::test]
async fn background_task_that_blocks_is_named() {
    let sabr = Sabr::builder()
        .stall_limit(Duration::from_millis(10))
        .build();
    let ledger = sabr.ledger();
    let handler = move |tasks: BackgroundTasks| async move {
        let mail = async move { sleep_until_seen(&ledger) };
        tasks.named("send_mail").add(mail).unwrap();
    };
    let server = Server::start(sabr, Router::new().route("/", get(handler))).await;
    server.connect().await.get("/").await;
    let sabr = server.sabr.clone();
    server.stop().await;
    let stalls = sabr.ledger().snapshot().stalls;
    let names: Vec<_> = stalls
        .iter()
        .map(|stall| (stall.method, &*stall.route))
        .collect();
    assert_eq!(names, [("background task", "send_mail")]);
}
