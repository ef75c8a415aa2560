use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use sabr::{BackgroundTasks, Overloaded, Sabr};
use tokio::sync::Notify;

use crate::support::{Log, Server, request};

fn short_grace() -> Sabr {
    Sabr::builder()
        .grace_period(Duration::from_millis(50))
        .build()
}

#[tokio::test]
async fn shutdown_with_nothing_to_do_is_clean_and_at_once() {
    let server = Server::start(Sabr::default(), Router::new()).await;
    let report = server.stop().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.drained.total, 0);
}

#[tokio::test]
async fn requests_carry_the_address_of_their_peer() {
    let app = Router::new().route(
        "/",
        get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()),
    );
    let server = Server::start(Sabr::default(), app).await;
    assert_eq!(server.get("/").await.1, "127.0.0.1");
}

#[tokio::test]
async fn idle_keep_alive_connection_is_closed_at_once() {
    let app = Router::new().route("/", get(async || "hi"));
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    client.get("/").await;
    let report = server.stop().await;
    client.closed.await.unwrap();
    assert!(report.is_clean() && !report.forced);
}

#[tokio::test]
async fn request_in_flight_is_finished_and_named() {
    let (started, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (signal, wait) = (Arc::clone(&started), Arc::clone(&go_on));
    let app = Router::new().route(
        "/slow",
        get(async move || {
            signal.notify_one();
            wait.notified().await;
            "finished"
        }),
    );
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    let answer = tokio::spawn(async move { client.get("/slow?secret=1").await });
    started.notified().await;
    let stopping = server.begin_stop();
    go_on.notify_one();
    assert_eq!(answer.await.unwrap().1, "finished");
    let report = stopping.ended.await.unwrap();
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn handler_that_never_ends_is_cancelled_after_the_grace_period() {
    let started = Arc::new(Notify::new());
    let signal = Arc::clone(&started);
    let app = Router::new().route(
        "/stuck",
        get(async move || {
            signal.notify_one();
            pending::<()>().await;
        }),
    );
    let server = Server::start(short_grace(), app).await;
    let mut client = server.connect().await;
    let answer = tokio::spawn(async move {
        client
            .send
            .send_request(request(http::Method::GET, "/stuck"))
            .await
    });
    started.notified().await;
    let report = server.stop().await;
    assert!(answer.await.unwrap().is_err());
    assert_eq!(report.cancelled.names().collect::<Vec<_>>(), ["GET /stuck"]);
}

#[tokio::test]
async fn task_that_never_ends_is_cancelled_and_queued_one_is_lost() {
    async fn handler(tasks: BackgroundTasks) -> Result<(), Overloaded> {
        tasks.named("endless").add(pending::<()>())?;
        tasks.named("after it").add(async {})?;
        Ok(())
    }
    let server = Server::start(short_grace(), Router::new().route("/", get(handler))).await;
    server.get("/").await;
    let report = server.stop().await;
    assert_eq!(report.cancelled.names().collect::<Vec<_>>(), ["endless"]);
    assert_eq!(report.lost.names().collect::<Vec<_>>(), ["after it"]);
    assert!(!report.is_clean());
}

#[tokio::test]
async fn second_signal_ends_at_once() {
    let log = Log::default();
    let seen = log.clone();
    let handler = async move |tasks: BackgroundTasks| {
        tasks
            .named("endless")
            .add(async move {
                seen.write("started");
                pending::<()>().await;
            })
            .map(drop)
    };
    let sabr = Sabr::builder()
        .grace_period(Duration::from_secs(3600))
        .build();
    let server = Server::start(sabr, Router::new().route("/", get(handler))).await;
    server.get("/").await;
    log.wait_for("started").await;
    let report = server.begin_stop().kill().await;
    assert!(report.forced);
    assert_eq!(report.cancelled.total, 1);
}

#[tokio::test]
async fn tasks_are_drained_before_serve_returns() {
    let go_on = Arc::new(Notify::new());
    let wait = Arc::clone(&go_on);
    let app = Router::new().route(
        "/",
        get(async move |tasks: BackgroundTasks| {
            tasks
                .named("mail")
                .add(async move { wait.notified().await })?;
            tasks.named("sync").add_sync(|| ())?;
            Ok::<_, Overloaded>(())
        }),
    );
    let server = Server::start(Sabr::default(), app).await;
    server.get("/").await;
    let stopping = server.begin_stop();
    go_on.notify_one();
    let report = stopping.ended.await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert!(report.drained.names().any(|name| name == "mail"));
    assert!(report.drained.names().any(|name| name == "sync"));
}
