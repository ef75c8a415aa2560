//! Writers that run until the service has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{Method, header};
use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::history::{Todos, Write};
use crate::server::Client;

const WRITERS: usize = 16;

/// The position in the recording; always 0 without a recording.
pub(super) type Position = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Running writers.
pub(super) struct Load {
    writers: Vec<JoinHandle<Vec<Write>>>,
    reached: Arc<Notify>,
}

impl Load {
    /// Starts the writers. [`Load::reached`] waits until all of them together have this many
    /// answers.
    pub(super) fn start(address: &str, enough: u64, position: &Position) -> Self {
        let (answers, reached) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
        let writer = |number| {
            let writer = Writer {
                client: Client::new(address.to_owned()),
                position: Arc::clone(position),
                writes: Vec::new(),
            };
            let (answers, reached) = (Arc::clone(&answers), Arc::clone(&reached));
            let answered = move || {
                if answers.fetch_add(1, Ordering::Relaxed) + 1 == enough {
                    reached.notify_one();
                }
            };
            tokio::spawn(writer.run(number, answered))
        };
        let writers = (0..WRITERS).map(writer).collect();
        Self { writers, reached }
    }

    pub(super) async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Waits until the service has ended, and returns the writes.
    pub(super) async fn end(self) -> Vec<Write> {
        let writes = join_all(self.writers).await.into_iter();
        writes.flat_map(Result::unwrap).collect()
    }
}

struct Writer {
    client: Client,
    position: Position,
    writes: Vec<Write>,
}

impl Writer {
    /// Creates todos, changes every second one, and deletes every fourth.
    async fn run(mut self, number: usize, answered: impl Fn()) -> Vec<Write> {
        for n in 0_u32.. {
            let id = Uuid::now_v7().to_string();
            let title = format!("{n} of {number}");
            let mut steps = vec![(Method::PUT, Some(title.clone()))];
            if n % 2 == 1 {
                steps.push((Method::PATCH, Some(format!("{title}, changed"))));
            }
            if n % 4 == 3 {
                steps.push((Method::DELETE, None));
            }
            for (method, title) in steps {
                if !self.write(&id, method, title).await {
                    return self.writes;
                }
                answered();
            }
        }
        self.writes
    }

    /// Sends a write and records it. Returns whether it was answered.
    async fn write(&mut self, id: &str, method: Method, title: Option<String>) -> bool {
        let request = self.client.request(method, &format!("/todos/{id}"));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let body = title
            .as_ref()
            .map(|title| json!({ "title": title }).to_string());
        let answer = self
            .client
            .try_send(request, body.unwrap_or_default())
            .await;
        let answered_at = answer.as_ref().map(|_| (self.position)());
        if let Some(answer) = &answer {
            assert!(answer.status.is_success(), "{:?}", answer.body);
        }
        self.writes.push(Write {
            id: id.to_owned(),
            title,
            answered_at,
        });
        answer.is_some()
    }
}

/// All todos of the service.
pub(super) async fn all_todos(client: &Client) -> Todos {
    let mut todos = Todos::new();
    let mut next = Some("/todos?limit=1000".to_owned());
    while let Some(page) = next {
        let answer = client.get(&page).await.expect(200);
        for todo in answer.json().as_array().unwrap() {
            let text = |name: &str| todo[name].as_str().unwrap().to_owned();
            todos.insert(text("id"), text("title"));
        }
        let link = answer.header(header::LINK);
        next = link.split(['<', '>']).nth(1).map(str::to_owned);
    }
    todos
}
