//! How tasks run: their order, the outcomes after which they run, their bounds and their states.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::request::Parts;
use http::{StatusCode, header};
use sabr::{BackgroundTasks, MissingLayer, Overloaded, Sabr, TaskId, TaskState};
use tokio::sync::{Barrier, Notify};
use tokio::time::timeout;

use crate::support::{Log, Server, fail};

type Added = Result<(), Overloaded>;

/// A server that calls `handler` with the tasks of the request and a log.
async fn serve<F>(sabr: Sabr, log: &Log, handler: F) -> Server
where
    F: Fn(BackgroundTasks, Log) -> Added + Clone + Send + Sync + 'static,
{
    let log = log.clone();
    let handler = async move |tasks: BackgroundTasks| handler(tasks, log.clone());
    Server::start(sabr, Router::new().route("/", get(handler))).await
}

/// Sends a request, waits for all tasks, and returns the log.
async fn run(server: &Server, log: &Log) -> Vec<String> {
    assert_eq!(server.get("/").await.0, StatusCode::OK);
    server.sabr.tasks_idle().await;
    log.events()
}

fn write(log: &Log, event: &str) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let (log, event) = (log.clone(), event.to_owned());
    Box::pin(async move { log.write(event) })
}

#[tokio::test]
async fn tasks_run_in_the_order_they_were_added() {
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, log| {
        for i in 0..5 {
            let (a, b) = (log.clone(), log.clone());
            tasks.add(async move {
                tokio::task::yield_now().await;
                a.write(format!("async {i}"));
            })?;
            tasks.add_sync(move || b.write(format!("sync {i}")))?;
        }
        Ok(())
    })
    .await;
    let expected = (0..5).flat_map(|i| [format!("async {i}"), format!("sync {i}")]);
    assert_eq!(run(&server, &log).await, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn failing_or_panicking_task_does_not_skip_the_next() {
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, log| {
        tasks.add(async { Err("broken") })?;
        tasks.add(async { fail("broken") })?;
        tasks.add_sync(|| Err("broken"))?;
        tasks.add_sync(|| fail("broken"))?;
        tasks.add(write(&log, "next")).map(drop)
    })
    .await;
    assert_eq!(run(&server, &log).await, ["next"]);
    let stats = server.sabr.task_stats();
    assert_eq!((stats.failed, stats.done), (4, 1));
}

#[tokio::test]
async fn failed_task_keeps_its_error() {
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, _| {
        tasks.add(async { Err("no such mailbox") })?;
        tasks.add_sync(|| fail("out of paper")).map(drop)
    })
    .await;
    run(&server, &log).await;
    let state = |id: &str| server.sabr.task_state(id.parse().unwrap());
    let failed = |message: &str| Some(TaskState::Failed(message.to_owned()));
    assert_eq!(state("1"), failed("no such mailbox"));
    assert_eq!(state("2"), failed("panicked: out of paper"));
}

#[tokio::test]
async fn tasks_follow_the_outcome_of_the_response() {
    async fn handler(
        State(log): State<Log>,
        Path(status): Path<u16>,
        tasks: BackgroundTasks,
    ) -> Result<StatusCode, Overloaded> {
        tasks.add(write(&log, "success"))?;
        tasks.on_error().add(write(&log, "error"))?;
        tasks.always().add(write(&log, "always"))?;
        tasks
            .named("as default")
            .on_success()
            .add(write(&log, "again"))?;
        Ok(StatusCode::from_u16(status).unwrap())
    }
    for (status, expected) in [
        (200, vec!["success", "always", "again"]),
        (204, vec!["success", "always", "again"]),
        (304, vec!["success", "always", "again"]),
        (400, vec!["error", "always"]),
        (500, vec!["error", "always"]),
    ] {
        let log = Log::default();
        let app = Router::new()
            .route("/{status}", get(handler))
            .with_state(log.clone());
        let server = Server::start(Sabr::default(), app).await;
        server.get(&format!("/{status}")).await;
        server.sabr.tasks_idle().await;
        assert_eq!(log.events(), expected, "{status}");
    }
}

#[tokio::test]
async fn panicking_handler_is_an_error_to_its_tasks() {
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, log| {
        tasks.add(write(&log, "success"))?;
        tasks.on_error().add(write(&log, "error"))?;
        panic!("handler");
    })
    .await;
    assert_eq!(server.get("/").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    server.sabr.tasks_idle().await;
    assert_eq!(log.events(), ["error"]);
}

#[tokio::test]
async fn concurrent_tasks_run_side_by_side() {
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, log| {
        let meeting = Arc::new(Barrier::new(3));
        for _ in 0..3 {
            let (meeting, log) = (Arc::clone(&meeting), log.clone());
            tasks.concurrent().add(async move {
                meeting.wait().await;
                log.write("met");
            })?;
        }
        Ok(())
    })
    .await;
    assert_eq!(run(&server, &log).await, ["met", "met", "met"]);
}

#[tokio::test]
async fn only_so_many_run_at_once() {
    let log = Log::default();
    let go_on = Arc::new(Notify::new());
    let wait = Arc::clone(&go_on);
    let sabr = Sabr::builder().task_concurrency(2).build();
    let server = serve(sabr, &log, move |tasks, log| {
        let wait = Arc::clone(&wait);
        tasks
            .add(async move {
                log.write("started");
                wait.notified().await;
            })
            .map(drop)
    })
    .await;
    for _ in 0..5 {
        server.get("/").await;
    }
    for ended in 0..5 {
        while server.sabr.task_stats().running < 2.min(5 - ended) {
            tokio::task::yield_now().await;
        }
        let stats = server.sabr.task_stats();
        assert_eq!((stats.running, stats.live()), (2.min(5 - ended), 5 - ended));
        go_on.notify_one();
        while server.sabr.task_stats().done as usize == ended {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(log.events().len(), 5);
}

#[tokio::test]
async fn full_backlog_is_learned_at_add() {
    let log = Log::default();
    let sabr = Sabr::builder().task_backlog(2).build();
    let server = serve(sabr, &log, |tasks, log| {
        tasks.always().add(write(&log, "first"))?;
        tasks.always().add(write(&log, "second"))?;
        tasks.always().add(write(&log, "third")).map(drop)
    })
    .await;
    let mut client = server.connect().await;
    let response = client.request(http::Method::GET, "/").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    drop(response);
    server.sabr.tasks_idle().await;
    assert_eq!(log.events(), ["first", "second"]);
    assert_eq!(server.sabr.task_stats().rejected, 1);
}

#[tokio::test]
async fn state_of_a_task_can_be_asked_for_by_its_id() {
    let (log, go_on) = (Log::default(), Arc::new(Notify::new()));
    let (seen, wait) = (log.clone(), Arc::clone(&go_on));
    let start = async move |tasks: BackgroundTasks| {
        let (seen, wait) = (seen.clone(), Arc::clone(&wait));
        let id = tasks.add(async move {
            seen.write("started");
            wait.notified().await;
        })?;
        Ok::<_, Overloaded>((StatusCode::ACCEPTED, id.to_string()))
    };
    let status = async |tasks: BackgroundTasks, Path(id): Path<String>| {
        let id: TaskId = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
        let state = tasks.state(id).ok_or(StatusCode::NOT_FOUND)?;
        Ok::<_, StatusCode>(state.to_string())
    };
    let app = Router::new()
        .route("/", get(start))
        .route("/tasks/{id}", get(status));
    let server = Server::start(Sabr::default(), app).await;
    let (accepted, id) = server.get("/").await;
    assert_eq!(accepted, StatusCode::ACCEPTED);
    let path = format!("/tasks/{}", String::from_utf8_lossy(&id));
    log.wait_for("started").await;
    assert_eq!(server.get(&path).await.1, "running");
    go_on.notify_one();
    server.sabr.tasks_idle().await;
    assert_eq!(server.get(&path).await.1, "done");
    assert_eq!(server.get("/tasks/999").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_the_last_ended_tasks_are_remembered() {
    let log = Log::default();
    let sabr = Sabr::builder().task_history(2).build();
    let server = serve(sabr, &log, |tasks, log| {
        for _ in 0..4 {
            tasks.add(write(&log, "done"))?;
        }
        Ok(())
    })
    .await;
    run(&server, &log).await;
    let known =
        ["1", "2", "3", "4"].map(|id| server.sabr.task_state(id.parse().unwrap()).is_some());
    assert_eq!(known, [false, false, true, true]);
}

#[tokio::test]
async fn sync_task_has_a_thread_and_async_task_the_event_loop() {
    fn thread() -> String {
        String::from(std::thread::current().name().unwrap_or_default())
    }
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, log| {
        let (a, b, c) = (log.clone(), log.clone(), log);
        tasks.add_sync(move || a.write(thread()))?;
        tasks.clean_up(move || b.write(thread()))?;
        tasks.add(async move { c.write(thread()) }).map(drop)
    })
    .await;
    let here = thread();
    assert_eq!(
        run(&server, &log).await,
        ["sabr-cleanup", "sabr-tasks", &here]
    );
}

#[tokio::test]
async fn clean_up_runs_before_tasks_and_the_last_added_first() {
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, log| {
        let (a, b) = (log.clone(), log.clone());
        tasks.add(async { Err("a task that fails touches no clean-up") })?;
        tasks.clean_up(move || a.write("give back the connection"))?;
        tasks.clean_up(move || b.write("give back the transaction"))?;
        tasks.add(write(&log, "task")).map(drop)
    })
    .await;
    let expected = [
        "give back the transaction",
        "give back the connection",
        "task",
    ];
    assert_eq!(run(&server, &log).await, expected);
}

#[tokio::test]
async fn task_added_after_the_end_of_the_response_runs() {
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, log| {
        let late = tasks.clone();
        tasks.add(async move {
            log.write("first");
            late.add(write(&log, "added by the first")).map(drop)
        })?;
        Ok(())
    })
    .await;
    assert_eq!(run(&server, &log).await, ["first", "added by the first"]);
}

#[tokio::test]
async fn extractors_and_handler_of_one_request_share_one_list() {
    struct Audited;

    impl FromRequestParts<Log> for Audited {
        type Rejection = Response;

        async fn from_request_parts(parts: &mut Parts, log: &Log) -> Result<Self, Response> {
            let tasks = BackgroundTasks::from_request_parts(parts, log)
                .await
                .map_err(MissingLayer::into_response)?;
            let audit = tasks.add(write(log, "from the extractor"));
            audit.map(|_| Self).map_err(Overloaded::into_response)
        }
    }

    async fn handler(_: Audited, State(log): State<Log>, tasks: BackgroundTasks) -> Added {
        tasks.add(write(&log, "from the handler")).map(drop)
    }
    let log = Log::default();
    let app = Router::new()
        .route("/", get(handler))
        .with_state(log.clone());
    let server = Server::start(Sabr::default(), app).await;
    assert_eq!(
        run(&server, &log).await,
        ["from the extractor", "from the handler"]
    );
}

#[tokio::test]
async fn task_may_bound_its_own_time() {
    let log = Log::default();
    let server = serve(Sabr::default(), &log, |tasks, _| {
        let forever = std::future::pending::<()>();
        tasks
            .add(timeout(Duration::from_millis(1), forever))
            .map(drop)
    })
    .await;
    run(&server, &log).await;
    let state = server.sabr.task_state("1".parse().unwrap());
    assert_eq!(
        state,
        Some(TaskState::Failed("deadline has elapsed".to_owned()))
    );
}

#[tokio::test]
async fn without_the_layer_the_answer_is_500() {
    use tower::ServiceExt;
    let app: Router = Router::new().route("/", get(async |_: BackgroundTasks| ()));
    let request = crate::support::request(http::Method::GET, "/");
    let response = app.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
