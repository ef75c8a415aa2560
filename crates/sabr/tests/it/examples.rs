//! Starts each example and sends requests to it.

#![allow(clippy::duplicate_mod, reason = "the examples share `listen`")]

use axum::body::Body;
use http::{Method, Request, StatusCode};
use sabr::Sabr;

use crate::support::{Server, read};

macro_rules! example {
    ($name:ident, $path:literal) => {
        #[path = $path]
        #[allow(dead_code, reason = "its `main` is not called here")]
        mod $name;
    };
}

example!(async_endpoint, "../../examples/async_endpoint.rs");
example!(background_task, "../../examples/background_task.rs");
example!(crud, "../../examples/crud.rs");
example!(delay, "../../examples/delay.rs");
example!(dependency, "../../examples/dependency.rs");
example!(sync_endpoint, "../../examples/sync_endpoint.rs");
example!(token, "../../examples/token.rs");
example!(validation, "../../examples/validation.rs");

#[tokio::test]
async fn async_endpoint_answers() {
    let server = Server::start(Sabr::default(), async_endpoint::app()).await;
    let (_, body) = server.get("/items/5?q=hello").await;
    assert_eq!(body, r#"{"item_id":5,"q":"hello"}"#);
}

#[tokio::test]
async fn sync_endpoint_answers() {
    let sabr = Sabr::default();
    let server = Server::start(sabr.clone(), sync_endpoint::app(sabr)).await;
    assert_eq!(server.get("/primes/100").await.1, "25");
    let (_, places) = server.get("/where").await;
    assert!(places.ends_with(b"places Pool New\n"), "{places:?}");
}

#[tokio::test]
async fn rule_of_ones_own_is_answered_with_what_to_write() {
    let server = Server::start(Sabr::default(), validation::app()).await;
    for (name, status, answer) in [
        ("ada", 200, "hello ada"),
        ("", 422, "name: write 1 to 40 characters"),
    ] {
        let request = Request::post("/users").header("content-type", "application/json");
        let body = Body::from(format!(r#"{{"name":"{name}"}}"#));
        let mut client = server.connect().await;
        let response = client.send.send_request(request.body(body).unwrap()).await;
        let (found, body) = read(response.unwrap()).await;
        let body = String::from_utf8_lossy(&body);
        assert_eq!(found, status, "{body}");
        assert!(body.contains(answer), "{body}");
    }
}

#[tokio::test]
async fn session_is_closed_after_the_response() {
    let db = dependency::Db::default();
    let server = Server::start(Sabr::default(), dependency::app(db.clone())).await;
    assert_eq!(server.get("/session").await.0, StatusCode::OK);
    server.sabr.tasks_idle().await;
    assert!(db.open_sessions().is_empty());
}

#[tokio::test]
async fn token_is_asked_for() {
    let server = Server::start(Sabr::default(), token::app(token::Token("s3cret".into()))).await;
    for (sent, expected) in [
        ("Bearer s3cret", 200),
        ("Bearer s3cres", 401),
        ("s3cret", 401),
    ] {
        let request = Request::post("/length").header("authorization", sent);
        let request = request.body(Body::from("hello")).unwrap();
        let answer = server
            .connect()
            .await
            .send
            .send_request(request)
            .await
            .unwrap();
        assert_eq!(answer.status(), expected, "{sent}");
    }
}

#[test]
fn examples_say_what_to_do_when_their_port_is_in_use() {
    let error = std::io::ErrorKind::AddrInUse.into();
    assert_eq!(
        token::listen::why(8000, &error),
        "cannot listen on 127.0.0.1:8000: the address is in use; try --port 8001"
    );
}

#[tokio::test]
async fn delays_run_side_by_side() {
    let server = Server::start(Sabr::default(), delay::app()).await;
    let (a, b, c) = tokio::join!(
        server.get("/async"),
        server.get("/sync"),
        server.get("/blocking")
    );
    assert_eq!([a.0, b.0, c.0], [StatusCode::OK; 3]);
}

#[tokio::test]
async fn background_task_is_done_after_the_answer() {
    let server = Server::start(Sabr::default(), background_task::app()).await;
    let mut client = server.connect().await;
    let answer = client.request(Method::POST, "/notify/nobody").await;
    assert_eq!(
        read(answer).await,
        (StatusCode::ACCEPTED, "/tasks/1\n".into())
    );
    server.sabr.tasks_idle().await;
    assert_eq!(server.get("/tasks/1").await.1, "failed\n");
}

#[tokio::test]
async fn crud_goes_all_the_way_round() {
    let server = Server::start(Sabr::default(), crud::app()).await;
    let mut client = server.connect().await;
    let put = |title: &str| {
        let request = Request::put("/todos/1").header("host", "test");
        let request = request.header("content-type", "application/json");
        request
            .body(Body::from(format!(r#"{{"title":"{title}"}}"#)))
            .unwrap()
    };
    for (title, expected) in [
        ("learn", StatusCode::CREATED),
        ("rest", StatusCode::NO_CONTENT),
    ] {
        client.send.ready().await.unwrap();
        let answer = client.send.send_request(put(title)).await.unwrap();
        assert_eq!(read(answer).await.0, expected);
    }
    assert_eq!(
        client.get("/todos/1").await.1,
        r#"{"title":"rest","done":false}"#
    );
    assert_eq!(
        client.get("/todos").await.1,
        r#"{"1":{"title":"rest","done":false}}"#
    );
    for expected in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        let answer = client.request(Method::DELETE, "/todos/1").await;
        assert_eq!(answer.status(), expected);
    }
}
