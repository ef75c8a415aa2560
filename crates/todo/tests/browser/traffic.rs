//! Requests of other clients, while a test looks at the pages.

use std::collections::BTreeMap;

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::json;
use tokio::task::JoinSet;

use crate::server::{Client, Server, config};

/// Long enough that waiting requests are visible, and short enough that the tests are fast.
const DB_DELAY: std::time::Duration = std::time::Duration::from_millis(15);

/// Starts the service on a database file, with a delay, so that every call shows a wait.
pub(crate) async fn service(folder: &tempfile::TempDir) -> Server {
    Server::with(todo::service::Config {
        database: Some(folder.path().join("todo.db")),
        db_delay: DB_DELAY,
        ..config()
    })
    .await
}

/// Sends requests of every kind, many at the same time. Returns the number of requests by endpoint.
pub(crate) async fn some_of_everything(client: &Client) -> BTreeMap<String, u64> {
    let first = create(client, 0).await;
    let created = join_all((1..30).map(|n| create(client, n)));
    let listed = join_all((0..24).map(|_| client.get("/todos")));
    tokio::join!(created, listed);
    for _ in 0..3 {
        client.get(&first).await.expect(200);
        client
            .patch(&first, &json!({ "completed": true }))
            .await
            .expect(200);
    }
    let login = client.request(Method::POST, "/login");
    client.send(login, "").await.expect(200);
    let unknown = "/todos/019aaf5c-7f00-7000-8000-000000000001";
    client.get(unknown).await.expect(404);
    client.get("/nothing/here").await.expect(404);
    client.get("/nor/here").await.expect(404);
    [
        ("POST /todos", 30),
        ("GET /todos", 24),
        ("GET /todos/{id}", 4),
        ("PATCH /todos/{id}", 3),
        ("POST /login", 1),
        ("ANY (no route)", 2),
    ]
    .map(|(name, times)| (name.to_owned(), times))
    .into()
}

async fn create(client: &Client, n: usize) -> String {
    let body = json!({ "title": format!("todo {n}") });
    let created = client.post("/todos", &body).await.expect(201);
    created.json()["url"].as_str().unwrap().to_owned()
}

/// Sends requests until the returned set is dropped.
pub(crate) fn keep_asking(client: &Client) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for n in 0..8 {
        let client = client.clone();
        clients.spawn(async move {
            loop {
                let todo = create(&client, n).await;
                client.get("/todos?limit=20").await.expect(200);
                client.get(&todo).await.expect(200);
                client.delete(&todo).await.expect(204);
            }
        });
    }
    clients
}
