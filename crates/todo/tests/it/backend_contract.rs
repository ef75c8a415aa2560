//! Checks the Todo-Backend contract (todobackend.com), point by point as its own test suite does.

use axum::http::{Method, header};
use serde_json::{Value, json};
use todo::http::{AllowedOrigins, Limits, Origin};
use todo::service::Config;

use crate::server::{Client, Server, config};

const ORIGIN: &str = "https://todobackend.com";

async fn start() -> Server {
    let defaults = config();
    let origin: Origin = ORIGIN.parse().unwrap();
    Server::with(Config {
        limits: Limits {
            origins: AllowedOrigins::new([origin]),
            ..defaults.limits
        },
        ..defaults
    })
    .await
}

async fn create(client: &Client, body: Value) -> Value {
    client.post("/todos", &body).await.expect(201).json()
}

async fn list(client: &Client) -> Value {
    client.get("/todos").await.expect(200).json()
}

#[tokio::test]
async fn answers_other_origins_and_their_preflights() {
    let server = start().await;
    let client = &server.client;
    for method in [Method::GET, Method::DELETE] {
        // jQuery sends a content type even without a body.
        let request = client
            .request(method, "/todos")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/json");
        let answer = client.send(request, "").await;
        assert!(answer.status.is_success());
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), ORIGIN);
    }
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let request = client
            .request(Method::OPTIONS, "/todos")
            .header(header::ORIGIN, ORIGIN)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, method)
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type");
        let answer = client.send(request, "").await.expect(200);
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), ORIGIN);
        let methods = answer.header(header::ACCESS_CONTROL_ALLOW_METHODS);
        assert!(methods.split(',').any(|m| m == method), "{methods}");
        let headers = answer.header(header::ACCESS_CONTROL_ALLOW_HEADERS);
        assert!(headers.contains("content-type"), "{headers}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_new_todo_is_answered_and_listed() {
    let server = start().await;
    let client = &server.client;
    create(client, json!({ "title": "walk the dog" })).await;
    client.delete("/todos").await.expect(204);
    assert_eq!(list(client).await, json!([]));
    let todo = create(client, json!({ "title": "a todo" })).await;
    assert_eq!(todo["title"], "a todo");
    assert_eq!(todo["completed"], false);
    assert!(todo["url"].is_string());
    assert_eq!(list(client).await, json!([todo]));
    server.stop().await;
}

#[tokio::test]
async fn every_listed_url_leads_to_its_todo() {
    let server = start().await;
    let client = &server.client;
    tokio::join!(
        create(client, json!({ "title": "one" })),
        create(client, json!({ "title": "two" })),
    );
    let todos = list(client).await;
    let todos = todos.as_array().unwrap();
    assert_eq!(todos.len(), 2);
    for todo in todos {
        let url = todo["url"].as_str().unwrap();
        assert_eq!(client.get(url).await.expect(200).json(), *todo);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_todo_can_be_changed_and_deleted_at_its_url() {
    let server = start().await;
    let client = &server.client;
    let todo = create(client, json!({ "title": "initial" })).await;
    let url = todo["url"].as_str().unwrap();
    let renamed = client
        .patch(url, &json!({ "title": "bathe the cat" }))
        .await;
    assert_eq!(renamed.expect(200).json()["title"], "bathe the cat");
    let done = client.patch(url, &json!({ "completed": true })).await;
    assert_eq!(done.expect(200).json()["completed"], true);
    let item = client.get(url).await.expect(200).json();
    assert_eq!(item["title"], "bathe the cat");
    assert_eq!(item["completed"], true);
    assert_eq!(list(client).await, json!([item]));
    client.delete(url).await.expect(204);
    client.get(url).await.expect(404);
    assert_eq!(list(client).await, json!([]));
    server.stop().await;
}

#[tokio::test]
async fn an_order_is_kept_and_can_be_changed() {
    let server = start().await;
    let client = &server.client;
    let todo = create(client, json!({ "title": "blah", "order": 523 })).await;
    assert_eq!(todo["order"], 523);
    let url = todo["url"].as_str().unwrap();
    let moved = client.patch(url, &json!({ "order": 95 })).await.expect(200);
    assert_eq!(moved.json()["order"], 95);
    assert_eq!(client.get(url).await.expect(200).json()["order"], 95);
    server.stop().await;
}
