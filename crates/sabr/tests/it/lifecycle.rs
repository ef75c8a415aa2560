use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::get;
use futures_util::future::poll_immediate;
use sabr::{BackgroundTasks, Overloaded, Sabr, finish};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tower::ServiceExt;

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

#[tokio::test]
async fn sync_task_that_never_ends_is_lost_and_not_waited_for() {
    let (log, (_never, held)) = (Log::default(), std::sync::mpsc::channel::<()>());
    let (seen, held) = (log.clone(), Arc::new(std::sync::Mutex::new(held)));
    let handler = async move |tasks: BackgroundTasks| {
        let (seen, held) = (seen.clone(), Arc::clone(&held));
        let task = move || {
            seen.write("started");
            held.lock().unwrap().recv().unwrap_or_default();
        };
        tasks.named("stubborn").add_sync(task).map(drop)
    };
    let server = Server::start(short_grace(), Router::new().route("/", get(handler))).await;
    server.get("/").await;
    log.wait_for("started").await;
    let report = server.stop().await;
    assert_eq!(report.lost.names().collect::<Vec<_>>(), ["stubborn"]);
    assert!(
        report.to_string().contains(r#"1 lost (task 1 "stubborn")"#),
        "{report}"
    );
}

#[tokio::test]
async fn connection_that_sends_half_a_head_does_not_hold_shutdown_up() {
    let server = Server::start(short_grace(), Router::new()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET / HT").await.unwrap();
    assert!(server.stop().await.is_clean(), "no request was cut");
}

#[tokio::test]
async fn body_that_is_never_read_is_cut_after_the_grace_period() {
    let (log, app) = (Log::default(), Router::new());
    let seen = log.clone();
    let endless = async move || {
        seen.write("asked");
        let chunk = Ok::<_, std::convert::Infallible>(vec![0; 1 << 16]);
        Body::from_stream(futures_util::stream::repeat(chunk))
    };
    let server = Server::start(short_grace(), app.route("/endless", get(endless))).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = b"GET /endless HTTP/1.1\r\nhost: test\r\n\r\n";
    stream.write_all(head).await.unwrap();
    log.wait_for("asked").await;
    let report = server.stop().await;
    assert_eq!(
        report.cancelled.names().collect::<Vec<_>>(),
        ["GET /endless"]
    );
}

#[tokio::test]
async fn finishing_handler_is_waited_for_after_its_client_has_left() {
    let (log, go_on) = (Log::default(), Arc::new(Notify::new()));
    let (seen, wait) = (log.clone(), Arc::clone(&go_on));
    let handler = finish(async move |tasks: BackgroundTasks| {
        seen.write("begun");
        wait.notified().await;
        tasks.named("mail").add(async {}).map(drop)
    });
    let server = Server::start(Sabr::default(), Router::new().route("/", get(handler))).await;
    let mut client = server.connect().await;
    let asked = client.send.send_request(request(http::Method::GET, "/"));
    log.wait_for("begun").await;
    drop(asked);
    client.closed.abort();
    let stopping = server.begin_stop();
    tokio::task::yield_now().await;
    go_on.notify_one();
    let report = stopping.ended.await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!(
        report.drained.names().collect::<Vec<_>>(),
        ["GET /", "mail"]
    );
}

#[tokio::test]
async fn finishing_handler_that_never_ends_is_cancelled() {
    let log = Log::default();
    let seen = log.clone();
    let handler = finish(async move || {
        seen.write("begun");
        pending::<()>().await;
    });
    let server = Server::start(short_grace(), Router::new().route("/", get(handler))).await;
    let mut client = server.connect().await;
    let asked = client.send.send_request(request(http::Method::GET, "/"));
    log.wait_for("begun").await;
    drop(asked);
    client.closed.abort();
    let report = server.stop().await;
    assert_eq!(report.cancelled.names().collect::<Vec<_>>(), ["GET /"]);
}

#[tokio::test]
async fn connections_over_the_bound_wait_for_one_to_close() {
    let sabr = Sabr::builder().max_connections(1).build();
    let app = Router::new().route("/", get(async || "served"));
    let server = Server::start(sabr, app).await;
    let mut first = server.connect().await;
    assert_eq!(first.get("/").await.1, "served");
    let mut second = server.connect().await;
    let mut waiting = Box::pin(second.get("/"));
    // The first connection is served while the second one waits. Several requests, so that the
    // accept loop runs more than once.
    for _ in 0..10 {
        assert!(poll_immediate(&mut waiting).await.is_none());
        assert_eq!(first.get("/").await.1, "served");
    }
    first.closed.abort();
    assert_eq!(waiting.await.1, "served");
}

#[tokio::test]
async fn own_loop_can_drain_tasks_by_itself() {
    let sabr = Sabr::default();
    let go_on = Arc::new(Notify::new());
    let wait = Arc::clone(&go_on);
    let handler = async move |tasks: BackgroundTasks| {
        let task = async move { wait.notified().await };
        tasks.named("mail").add(task).map(drop)
    };
    let app: Router = Router::new().route("/", get(handler)).layer(sabr.layer());
    drop(app.oneshot(request(http::Method::GET, "/")).await.unwrap());
    let mut ending = Box::pin(sabr.shut_down());
    assert!(poll_immediate(&mut ending).await.is_none());
    go_on.notify_one();
    let report = ending.await;
    assert_eq!(report.drained.names().collect::<Vec<_>>(), ["mail"]);
}

#[tokio::test]
async fn code_after_serve_runs_when_everything_has_ended() {
    let log = Log::default();
    let seen = log.clone();
    let handler = async move |tasks: BackgroundTasks| {
        let seen = seen.clone();
        tasks.add(async move { seen.write("task") }).map(drop)
    };
    let server = Server::start(Sabr::default(), Router::new().route("/", get(handler))).await;
    server.get("/").await;
    server.stop().await;
    log.write("after serve");
    assert_eq!(log.events(), ["task", "after serve"]);
}

#[tokio::test]
async fn connection_without_a_head_in_time_is_closed() {
    let sabr = Sabr::builder().idle_timeout(Duration::from_millis(20));
    let app = Router::new().route("/", get(async || "served"));
    let server = Server::start(sabr.build(), app).await;
    for head in [
        "",
        "GET / HT",
        "PRI * HT",
        "GET / HTTP/1.1\r\nhost: test\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // Reads until the server closes the connection. The close may be a reset if the server has
        // unread bytes.
        let _ = stream.read_to_string(&mut answer).await;
        assert_eq!(answer.contains("served"), head.ends_with("\r\n"), "{head}");
    }
}

#[tokio::test]
async fn connection_whose_client_takes_nothing_of_its_answer_is_closed() {
    let sabr = Sabr::builder().idle_timeout(Duration::from_millis(20));
    let (held, dropped) = oneshot::channel::<()>();
    let held = Arc::new(Mutex::new(Some(held)));
    let endless = async move || {
        let held = held.lock().unwrap().take();
        Body::from_stream(futures_util::stream::repeat_with(move || {
            let _held = &held;
            Ok::<_, Infallible>("more and more ".repeat(1000))
        }))
    };
    let server = Server::start(sabr.build(), Router::new().route("/", get(endless))).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";
    stream.write_all(head).await.unwrap();
    dropped.await.unwrap_err();
}

#[tokio::test]
async fn request_in_flight_keeps_its_connection_open() {
    let sabr = Sabr::builder().idle_timeout(Duration::from_millis(10));
    let slow = async || {
        tokio::time::sleep(Duration::from_millis(60)).await;
        "slow"
    };
    let server = Server::start(sabr.build(), Router::new().route("/", get(slow))).await;
    assert_eq!(server.get("/").await.1, "slow");
}
