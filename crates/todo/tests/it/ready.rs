//! `/readyz` says whether writes can be carried out.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use axum::http::header;
use rusqlite::Connection;
use serde_json::json;
use todo::service::Config;

use crate::server::{Client, Server, config};

async fn unready(client: &Client, reason: &str) {
    let problem = client.get("/readyz").await.expect(503);
    assert_eq!(problem.header(header::RETRY_AFTER), "1");
    let problem = problem.json();
    assert_eq!(problem["type"], "/problems/not-ready");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(reason), "{detail}");
}

/// The writer waits for the lock during the whole test, but the probe does not wait for the writer.
#[tokio::test]
async fn a_locked_database_is_not_ready_and_says_so_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let server = Server::with(Config {
        database: Some(database.clone()),
        lock_timeout: Duration::from_secs(60),
        ..config()
    })
    .await;
    let client = &server.client;
    client.get("/readyz").await.expect(200);
    let other = Connection::open(&database).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let begun = Instant::now();
    unready(client, "another program").await;
    assert!(begun.elapsed() < Duration::from_secs(10));
    let write = {
        let client = client.clone();
        tokio::spawn(async move { client.post("/todos", &json!({ "title": "x" })).await })
    };
    unready(client, "another program").await;
    client.get("/todos").await.expect(200);
    other.execute_batch("COMMIT").unwrap();
    write.await.unwrap().expect(201);
    client.get("/readyz").await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn a_damaged_database_is_not_ready() {
    for page in [0, 40] {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("todo.db");
        let server = Server::on(database.clone()).await;
        let notes = "x".repeat(1000);
        for _ in 0..200 {
            let todo = json!({ "title": "x", "notes": notes });
            server.client.post("/todos", &todo).await.expect(201);
        }
        server.stop().await;

        let server = Server::on(database.clone()).await;
        server.client.get("/healthz").await.expect(200);
        let mut file = OpenOptions::new().write(true).open(&database).unwrap();
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0xA5; 4096]).unwrap();
        unready(&server.client, "is damaged").await;
        server.client.get("/healthz").await.expect(200);
        server.stop().await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_database_that_is_gone_takes_no_writes_and_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let (database, away) = (folder.path().join("todo.db"), folder.path().join("away"));
    let server = Server::on(database.clone()).await;
    let client = &server.client;
    std::fs::rename(&database, &away).unwrap();
    unready(client, "was moved, deleted or replaced").await;
    client
        .post("/todos", &json!({ "title": "x" }))
        .await
        .expect(503);
    std::fs::rename(&away, &database).unwrap();
    client.get("/readyz").await.expect(200);
    client
        .post("/todos", &json!({ "title": "x" }))
        .await
        .expect(201);
    server.stop().await;
}

#[tokio::test]
async fn a_database_in_memory_is_ready() {
    let server = Server::start().await;
    server.client.get("/readyz").await.expect(200);
    server.stop().await;
}
