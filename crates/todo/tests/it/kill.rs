//! The service is killed in the middle of its work, again and again, and loses nothing that it
//! has answered.
//!
//! `TODO_KILL_ROUNDS=50 cargo test -p todo --test it kill` runs as many rounds as it says.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{Method, header};
use serde_json::json;
use tokio::sync::Notify;

use crate::process::Process;
use crate::server::Client;

const WRITERS: usize = 16;

/// Writes todos until the server is gone; returns the ids of those that were answered.
async fn write(
    client: Client,
    answered: Arc<AtomicUsize>,
    enough: usize,
    reached: Arc<Notify>,
) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let request = client
            .request(Method::POST, "/todos")
            .header(header::CONTENT_TYPE, "application/json");
        let body = json!({ "title": format!("todo {}", ids.len()) }).to_string();
        let Some(answer) = client.try_send(request, body).await else {
            return ids;
        };
        let todo = answer.expect(201).json();
        ids.push(todo["id"].as_str().unwrap().to_owned());
        if answered.fetch_add(1, Ordering::Relaxed) + 1 == enough {
            reached.notify_one();
        }
    }
}

async fn all_ids(client: &Client) -> HashSet<String> {
    let mut ids = HashSet::new();
    let mut next = Some("/todos".to_owned());
    while let Some(page) = next {
        let answer = client.get(&page).await.expect(200);
        for todo in answer.json().as_array().unwrap() {
            ids.insert(todo["id"].as_str().unwrap().to_owned());
        }
        let link = answer.header(header::LINK);
        next = link.split(['<', '>']).nth(1).map(str::to_owned);
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill() {
    let rounds = std::env::var("TODO_KILL_ROUNDS");
    let rounds: u64 = rounds.map_or(4, |rounds| rounds.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let mut acknowledged = HashSet::new();
    for round in 0..rounds {
        let process = Process::start(&database, &["--log-level", "off"]);
        let client = Client::new(process.address.clone());
        let found = all_ids(&client).await;
        let lost: Vec<_> = acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "round {round} lost {lost:?}");

        // The moment differs from round to round: after 1 to about 1000 answers, anywhere in a commit.
        let enough = 1 + usize::try_from(round * 7919 % 997).unwrap();
        let answered = Arc::new(AtomicUsize::new(0));
        let reached = Arc::new(Notify::new());
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let client = Client::new(client.address.clone());
                tokio::spawn(write(
                    client,
                    Arc::clone(&answered),
                    enough,
                    Arc::clone(&reached),
                ))
            })
            .collect();
        reached.notified().await;
        process.kill();
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
    }
    let process = Process::start(&database, &["--log-level", "off"]);
    let found = all_ids(&Client::new(process.address.clone())).await;
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "lost {lost:?}");
    println!(
        "{rounds} rounds, {} todos answered, all found",
        acknowledged.len()
    );
    process.kill();
}
