//! Lists that are too long to be held in memory completely.

use axum::http::{Method, header};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::server::{Client, Server};

/// A list of 100 todos with the longest notes, every other one completed.
async fn fill(client: &Client) -> Vec<Value> {
    let notes = "ä".repeat(10_000);
    let todos = (0..100).map(async |n| {
        let todo = json!({
            "title": format!("todo {n}"), "notes": notes, "order": n, "completed": n % 2 == 1
        });
        client.post("/todos", &todo).await.expect(201).json()
    });
    join_all(todos).await
}

#[tokio::test]
async fn a_long_list_is_answered_whole_and_as_it_is_taken() {
    let server = Server::start().await;
    let client = &server.client;
    let todos = fill(client).await;
    let whole = client.get("/todos").await.expect(200);
    assert_eq!(whole.json(), Value::Array(todos.clone()));
    assert_eq!(whole.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(whole.header(header::CACHE_CONTROL), "no-store");
    // The response has no length, because its rest was not read from the store yet.
    assert_eq!(whole.header(header::CONTENT_LENGTH), "");
    let short = client.get("/todos?limit=5").await.expect(200);
    let length = short.body.len().to_string();
    assert_eq!(short.header(header::CONTENT_LENGTH), length);

    let done = client.get("/todos?completed=true").await.expect(200).json();
    let is_done = |todo: &&Value| todo["completed"] == true;
    let expected: Vec<_> = todos.iter().filter(is_done).cloned().collect();
    assert_eq!(done, Value::Array(expected));
    server.stop().await;
}

#[tokio::test]
async fn the_pages_of_a_long_list_have_every_entry_once() {
    let server = Server::start().await;
    let client = &server.client;
    let todos = fill(client).await;
    let (mut found, mut path) = (Vec::new(), "/todos?limit=40".to_owned());
    loop {
        let page = client.get(&path).await.expect(200);
        found.extend(page.json().as_array().unwrap().clone());
        let link = page.header(header::LINK);
        let Some((url, _)) = link.strip_prefix('<').and_then(|link| link.split_once('>')) else {
            break;
        };
        path = url.to_owned();
    }
    assert_eq!(found, todos);
    server.stop().await;
}

#[tokio::test]
async fn what_is_deleted_while_a_list_is_read_is_left_out() {
    let server = Server::start().await;
    let client = &server.client;
    let todos = fill(client).await;
    let list = client.open(client.request(Method::GET, "/todos")).await;
    client.delete("/todos").await.expect(204);
    let body = axum::body::to_bytes(list.into_body(), 10 << 20)
        .await
        .unwrap();
    let found: Vec<Value> = serde_json::from_slice(&body).unwrap();
    // The response has its first part, and what the connection had taken after it.
    assert!((13..=100).contains(&found.len()), "{}", found.len());
    assert_eq!(found, todos[..found.len()]);
    server.stop().await;
}
