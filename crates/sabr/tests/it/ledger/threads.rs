//! Real threads: blocking, computing, pools and spawned tasks.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::Method;
use sabr::ledger::snapshot::EndpointDetail;
use sabr::ledger::{Phase, VerdictKind};
use sabr::{PoolKind, Sabr, block_in_place, blocking, sync};

use crate::support::Server;

const NAP: Duration = Duration::from_millis(20);

fn sleep() {
    std::thread::sleep(NAP);
}

/// Sends this many requests for `/`, and returns the state of the endpoint.
async fn ask(sabr: Sabr, app: Router, times: usize) -> EndpointDetail {
    let server = Server::start(sabr, app).await;
    let mut client = server.connect().await;
    for _ in 0..times {
        client.get("/").await;
    }
    let ledger = server.sabr.ledger();
    server.stop().await;
    ledger.endpoint("GET", "/").unwrap()
}

fn ms(endpoint: &EndpointDetail, phase: Phase) -> f64 {
    let mut phases = endpoint.endpoint.phases.iter();
    phases.find(|time| time.phase == phase).unwrap().seconds * 1e3
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn blocking_call_in_an_async_handler_is_blocked() {
    let app = Router::new().route("/", get(|| async { sleep() }));
    let endpoint = ask(Sabr::default(), app, 3).await;
    assert!(ms(&endpoint, Phase::Blocked) >= 57.0, "{endpoint:?}");
    let verdict = &endpoint.endpoint.verdict;
    assert_eq!(verdict.kind, VerdictKind::BlocksEventLoop);
    assert!(verdict.advice.as_ref().unwrap().contains("sabr::blocking"));
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn sync_endpoint_that_sleeps_waits_in_its_thread() {
    let app = Router::new().route("/", get(sync(sleep)));
    let sabr = Sabr::builder().threads(PoolKind::Endpoint, 4).build();
    let endpoint = ask(sabr, app, 30).await;
    // A busy machine wakes a sleeping thread late, and the delay counts as preempted.
    let (waiting, preempted) = (
        ms(&endpoint, Phase::WaitingInThread),
        ms(&endpoint, Phase::Preempted),
    );
    assert!(waiting + preempted >= 590.0, "{endpoint:?}");
    assert!(waiting >= 300.0, "{endpoint:?}");
    assert_eq!(ms(&endpoint, Phase::Blocked), 0.0);
    let verdict = &endpoint.endpoint.verdict;
    assert_eq!(verdict.kind, VerdictKind::WaitsInThread);
    assert!(
        verdict.finding.contains("4 threads serve at most"),
        "{verdict:?}"
    );
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn time_for_a_thread_of_the_pool_is_queueing() {
    let app = Router::new().route("/", get(|| blocking(sleep)));
    let sabr = Sabr::builder().threads(PoolKind::Blocking, 1).build();
    let server = Server::start(sabr, app).await;
    tokio::join!(server.get("/"), server.get("/"));
    let ledger = server.sabr.ledger();
    server.stop().await;
    let endpoint = ledger.endpoint("GET", "/").unwrap();
    let (queued, in_thread) = (
        ms(&endpoint, Phase::Queued),
        ms(&endpoint, Phase::WaitingInThread),
    );
    assert!(queued >= 15.0, "the second waits for the first: {queued}");
    assert!(in_thread >= 38.0, "{in_thread}");
}

/// Trap: before `block_in_place` blocks, tokio moves the other tasks to another thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(target_os = "linux")]
async fn blocking_in_place_with_leave_is_not_blamed() {
    let app = Router::new().route("/", get(|| async { block_in_place(sleep) }));
    let endpoint = ask(Sabr::default(), app, 5).await;
    assert!(
        ms(&endpoint, Phase::WaitingInThread) >= 95.0,
        "{endpoint:?}"
    );
    assert_eq!(ms(&endpoint, Phase::Blocked), 0.0);
}

/// Trap: the ledger does not see a task of `tokio::spawn`. It sees one of `sabr::spawn`.
#[tokio::test]
#[cfg(target_os = "linux")]
async fn spawned_task_is_out_of_sight_unless_sabr_spawns_it() {
    let app = Router::new().route(
        "/",
        get(|| async { tokio::spawn(async { sleep() }).await.unwrap() }),
    );
    let unseen = ask(Sabr::default(), app, 3).await;
    assert_eq!(ms(&unseen, Phase::Blocked), 0.0);
    assert!(ms(&unseen, Phase::Waiting) >= 57.0, "{unseen:?}");

    let app = Router::new().route(
        "/",
        get(|| async { sabr::spawn(async { sleep() }).await.unwrap() }),
    );
    let seen = ask(Sabr::default(), app, 3).await;
    assert!(ms(&seen, Phase::Blocked) >= 57.0, "{seen:?}");
    assert_eq!(seen.endpoint.verdict.kind, VerdictKind::BlocksEventLoop);
}

/// Trap: when bytes of the next request arrive, the connection polls the handler of this one.
#[tokio::test]
async fn pipelined_bytes_do_not_end_the_wait() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let go_on = std::sync::Arc::new(tokio::sync::Notify::new());
    let begun = std::sync::Arc::new(tokio::sync::Notify::new());
    let (wait, tell) = (go_on.clone(), begun.clone());
    let handler = || async move {
        tell.notify_one();
        wait.notified().await;
        "done"
    };
    let app = Router::new().route("/", get(handler));
    let server = Server::start(Sabr::default(), app).await;
    let mut stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";
    stream.write_all(request).await.unwrap();
    begun.notified().await;
    stream.write_all(request).await.unwrap();
    tokio::time::sleep(NAP).await;
    go_on.notify_one();
    begun.notified().await;
    go_on.notify_one();
    let mut answers = Vec::new();
    while String::from_utf8_lossy(&answers).matches("done").count() < 2 {
        stream.read_buf(&mut answers).await.unwrap();
    }
    drop(stream);
    let ledger = server.sabr.ledger();
    server.stop().await;
    let endpoint = ledger.endpoint("GET", "/").unwrap();
    assert!(ms(&endpoint, Phase::Waiting) >= 19.0, "{endpoint:?}");
}

/// The phases of each request sum to its duration. A debug assertion checks this for every request
/// of every test. This test adds up the segments of kept requests, as a reader of the ledger would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phases_of_a_mixed_run_sum_to_the_whole() {
    let app = Router::new()
        .route("/constant", get(|| async { "ok" }))
        .route("/sync", get(sync(|| "ok")))
        .route("/pooled", get(sync(sleep).pooled()))
        .route(
            "/finish",
            get(sabr::finish(|| async { tokio::task::yield_now().await })),
        )
        .route(
            "/compute",
            get(|| sabr::compute(|| (0..1000_u64).sum::<u64>().to_string())),
        )
        .route(
            "/sleeps",
            get(|| async { tokio::time::sleep(Duration::from_millis(2)).await }),
        )
        .route(
            "/blocks",
            get(|| async { std::thread::sleep(Duration::from_millis(2)) }),
        )
        .route(
            "/joins",
            get(|| async {
                let nap = || tokio::time::sleep(Duration::from_millis(1));
                let _ = tokio::join!(
                    sabr::compute(sleep),
                    nap(),
                    blocking(sleep),
                    sabr::spawn(nap())
                );
            }),
        );
    let server = Server::start(Sabr::default(), app).await;
    let paths = [
        "/constant",
        "/sync",
        "/pooled",
        "/finish",
        "/compute",
        "/sleeps",
        "/blocks",
        "/joins",
    ];
    let clients = (0..8).map(|_| async {
        let mut client = server.connect().await;
        for round in 0..6 {
            for path in paths {
                client.request(Method::GET, path).await;
                if round % 2 == 0 {
                    // In half of the rounds, the client disconnects without reading the body.
                    client = server.connect().await;
                }
            }
        }
    });
    futures_util::future::join_all(clients).await;
    let ledger = server.sabr.ledger();
    server.stop().await;
    for path in paths {
        let detail = ledger.endpoint("GET", path).unwrap();
        assert_eq!(detail.endpoint.requests, 48, "{path}");
        for request in detail.kept {
            let sum: f64 = request.segments.iter().map(|s| s.to - s.from).sum();
            assert!((sum - request.duration).abs() < 1e-6, "{path}: {request:?}");
        }
    }
}
