//! A handler whose client disconnects is dropped, or runs to its end in `finish`.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use http::{Method, StatusCode};
use sabr::{BackgroundTasks, ClientGone, Overloaded, Sabr, finish};
use tokio::sync::Notify;

use crate::support::{Log, Server, request};

/// A handler that waits in its middle, and logs how far it got.
struct Write {
    log: Log,
    go_on: Arc<Notify>,
    answer: StatusCode,
}

impl Write {
    async fn handle(
        self: Arc<Self>,
        tasks: BackgroundTasks,
        client: ClientGone,
    ) -> Result<StatusCode, Overloaded> {
        let _dropped = OnDrop(self.log.clone());
        let (on_success, on_error) = (self.log.clone(), self.log.clone());
        tasks.add(async move { on_success.write("task for success") })?;
        let on_error = async move { on_error.write("task for errors") };
        tasks.on_error().add(on_error)?;
        self.log.write("begun");
        self.go_on.notified().await;
        self.log
            .write(format!("written, gone: {}", client.is_gone()));
        Ok(self.answer)
    }
}

struct OnDrop(Log);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.write("dropped");
    }
}

/// Sends a request, disconnects while the handler waits, and then lets the handler go on.
async fn check(finishing: bool, answer: StatusCode, expected: &[&str]) {
    let write = Arc::new(Write {
        log: Log::default(),
        go_on: Arc::new(Notify::new()),
        answer,
    });
    let (log, go_on) = (write.log.clone(), Arc::clone(&write.go_on));
    let handler = async move |tasks: BackgroundTasks, client: ClientGone| {
        write.clone().handle(tasks, client).await
    };
    let route = if finishing {
        post(finish(handler))
    } else {
        post(handler)
    };
    let server = Server::start(Sabr::default(), Router::new().route("/", route)).await;
    let mut client = server.connect().await;
    let asked = client.send.send_request(request(Method::POST, "/"));
    log.wait_for("begun").await;
    drop(asked);
    client.closed.abort();
    if finishing {
        // The runtime has one thread, so the layer notices the disconnect before the handler goes
        // on.
        drop(client.closed.await);
        tokio::task::yield_now().await;
    } else {
        log.wait_for("dropped").await;
    }
    go_on.notify_one();
    log.wait_for(expected[expected.len() - 1]).await;
    server.sabr.tasks_idle().await;
    let events = log.events();
    let events: Vec<_> = events
        .iter()
        .filter(|event| !event.starts_with("written"))
        .collect();
    assert_eq!(events, expected);
    assert!(server.stop().await.is_clean());
}

#[tokio::test]
async fn plain_handler_is_dropped_with_its_client() {
    check(
        false,
        StatusCode::OK,
        &["begun", "dropped", "task for errors"],
    )
    .await;
}

#[tokio::test]
async fn finishing_handler_and_its_tasks_run_to_the_end() {
    check(
        true,
        StatusCode::OK,
        &["begun", "dropped", "task for success"],
    )
    .await;
}

#[tokio::test]
async fn tasks_of_a_finished_handler_go_by_its_status() {
    check(
        true,
        StatusCode::CONFLICT,
        &["begun", "dropped", "task for errors"],
    )
    .await;
}

#[tokio::test]
async fn finishing_handler_answers_a_client_that_stays() {
    let app = Router::new().route("/", post(finish(async || "done")));
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    let response = client.request(Method::POST, "/").await;
    assert_eq!(crate::support::read(response).await.1, "done");
}
