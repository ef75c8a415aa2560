//! Pools are bounded, and no pool waits for another.

use std::sync::{Arc, mpsc};
use std::sync::{Condvar, Mutex};

use axum::Router;
use axum::routing::get;
use futures_util::future::{join_all, poll_immediate};
use http::{Method, StatusCode, header};
use sabr::{BackgroundTasks, Overloaded, PoolKind, Sabr, compute, sync};
use tower::ServiceExt;

use crate::support::{Server, request};

/// Holds calls until the test lets them pass. Each call takes one permit.
#[derive(Default)]
struct Gate {
    permits: Mutex<usize>,
    opened: Condvar,
}

impl Gate {
    fn open(&self, permits: usize) {
        *self.permits.lock().unwrap() += permits;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let permits = self.permits.lock().unwrap();
        let mut permits = self.opened.wait_while(permits, |n| *n == 0).unwrap();
        *permits -= 1;
    }
}

/// An app whose sync endpoint waits at a gate, the gate, and a channel that reports each arrival.
fn gated(sabr: &Sabr) -> (Router, Arc<Gate>, mpsc::Receiver<()>) {
    let (arrive, arrivals) = mpsc::channel();
    let gate = Arc::new(Gate::default());
    let inside = Arc::clone(&gate);
    let endpoint = sync(move || {
        arrive.send(()).unwrap();
        inside.pass();
    });
    let app = Router::new().route("/", get(endpoint)).layer(sabr.layer());
    (app, gate, arrivals)
}

#[tokio::test]
async fn calls_81_on_40_threads_take_three_rounds() {
    let sabr = Sabr::default();
    let (app, gate, arrivals) = gated(&sabr);
    let calls = join_all((0..81).map(|_| app.clone().oneshot(request(Method::GET, "/"))));
    let mut calls = Box::pin(calls);
    assert!(poll_immediate(&mut calls).await.is_none());

    let mut rounds = Vec::new();
    for round in [40, 40, 1] {
        for _ in 0..round {
            arrivals.recv().unwrap();
        }
        rounds.push(sabr.pool(PoolKind::Endpoint).queued);
        // The other pools are not affected.
        assert_eq!(sabr.compute(|| 1).await, Ok(1));
        assert_eq!(sabr.blocking(|| 1).await, Ok(1));
        assert!(arrivals.try_recv().is_err(), "no more than 40 at once");
        gate.open(round);
    }
    assert_eq!(rounds, [41, 1, 0], "left in the queue by each round");
    assert!(
        calls
            .await
            .iter()
            .all(|answer| answer.as_ref().unwrap().status() == StatusCode::OK)
    );
    let stats = sabr.pool(PoolKind::Endpoint);
    assert_eq!((stats.finished, stats.threads), (81, 40));
    assert!(stats.queue_time_max > std::time::Duration::ZERO);
}

#[tokio::test]
async fn full_queue_answers_503_with_retry_after() {
    let sabr = Sabr::builder()
        .threads(PoolKind::Endpoint, 1)
        .queue(PoolKind::Endpoint, 1)
        .build();
    let (app, gate, arrivals) = gated(&sabr);
    let call = || Box::pin(app.clone().oneshot(request(Method::GET, "/")));
    let (mut running, mut queued) = (call(), call());
    assert!(poll_immediate(&mut running).await.is_none());
    arrivals.recv().unwrap();
    assert!(poll_immediate(&mut queued).await.is_none());
    let refused = call().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    assert_eq!(
        refused.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    gate.open(2);
    assert_eq!(running.await.unwrap().status(), StatusCode::OK);
    assert_eq!(queued.await.unwrap().status(), StatusCode::OK);
    assert_eq!(sabr.pool(PoolKind::Endpoint).rejected, 1);
}

#[tokio::test]
async fn call_whose_client_left_in_the_queue_is_not_made() {
    let sabr = Sabr::builder().threads(PoolKind::Endpoint, 1).build();
    let (app, gate, arrivals) = gated(&sabr);
    let call = || Box::pin(app.clone().oneshot(request(Method::GET, "/")));
    let (mut running, mut left) = (call(), call());
    assert!(poll_immediate(&mut running).await.is_none());
    assert!(poll_immediate(&mut left).await.is_none());
    drop(left);
    gate.open(2);
    running.await.unwrap();
    call().await.unwrap();
    assert_eq!(arrivals.try_iter().count(), 2);
    assert_eq!(sabr.pool(PoolKind::Endpoint).skipped, 1);
}

#[tokio::test]
async fn sync_tasks_do_not_hold_up_sync_endpoints() {
    let sabr = Sabr::builder()
        .threads(PoolKind::Tasks, 2)
        .threads(PoolKind::Endpoint, 2)
        .build();
    let (arrive, arrivals) = mpsc::channel();
    let gate = Arc::new(Gate::default());
    let inside = Arc::clone(&gate);
    let add = sync(move |tasks: BackgroundTasks| {
        let (arrive, inside) = (arrive.clone(), Arc::clone(&inside));
        tasks
            .add_sync(move || {
                // The test receives the first two messages only, so the others cannot be sent.
                let _ = arrive.send(());
                inside.pass();
            })
            .map(drop)
    });
    let app = Router::new()
        .route("/add", get(add))
        .route("/", get(sync(|| "free").pooled()));
    let server = Server::start(sabr, app).await;
    for _ in 0..10 {
        assert_eq!(server.get("/add").await.0, StatusCode::OK);
    }
    let taken = move || (arrivals.recv().unwrap(), arrivals.recv().unwrap());
    let taken = server.sabr.compute(taken);
    taken.await.unwrap();
    assert_eq!(server.sabr.pool(PoolKind::Tasks).busy, 2);
    assert_eq!(server.get("/").await.1, "free");
    gate.open(10);
    server.sabr.tasks_idle().await;
    assert_eq!(server.sabr.task_stats().done, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_thread_in_every_pool_cannot_deadlock() {
    let mut sabr = Sabr::builder().task_concurrency(1);
    for &kind in PoolKind::ALL {
        sabr = sabr.threads(kind, 1);
    }
    let endpoint = sync(|tasks: BackgroundTasks| {
        let inner = tasks.clone();
        tasks.clean_up(|| ())?;
        tasks.add_sync(move || {
            // A task that adds a task does not wait for it.
            inner.add_sync(|| ()).map(drop)
        })?;
        tasks.concurrent().add(async { compute(|| ()).await })?;
        Ok::<_, Overloaded>(())
    });
    let app = Router::new().route("/", get(endpoint));
    let server = Server::start(sabr.build(), app).await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(server.connect().await);
    }
    let calls = clients.iter_mut().map(|client| client.get("/"));
    assert!(
        join_all(calls)
            .await
            .iter()
            .all(|answer| answer.0 == StatusCode::OK)
    );
    server.sabr.tasks_idle().await;
    assert_eq!(server.sabr.task_stats().done, 40);
    assert!(server.stop().await.is_clean());
}

#[tokio::test]
async fn panicking_job_leaves_its_thread_to_the_next() {
    let sabr = Sabr::builder().threads(PoolKind::Compute, 1).build();
    for _ in 0..3 {
        let other = sabr.clone();
        let job = tokio::spawn(async move { other.compute(|| panic!("job")).await });
        assert!(job.await.unwrap_err().is_panic());
    }
    assert_eq!(sabr.compute(|| 1).await, Ok(1));
    assert_eq!(sabr.pool(PoolKind::Compute).finished, 4);
    assert_eq!(sabr.pool(PoolKind::Compute).threads, 1);
}
