use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use sabr::Sabr;
use serde_json::{Value, json};
use todo::db::Db;
use todo::http::{App, router};
use todo_core::{Clock, CreateTodo, Draft, Ids, Notes, Precondition, Title, TodoId, write_one};
use todo_sqlite::{IfExists, SqliteOptions, SqliteStore};
use tower::ServiceExt;

use crate::server::{Client, Server, config};

/// An open stream of events.
struct Events {
    body: Body,
    read: String,
}

#[derive(Debug, PartialEq)]
struct Event {
    name: String,
    id: String,
    data: Value,
}

impl Events {
    async fn open(client: &Client, last: Option<&str>) -> Self {
        let mut request = client.request(Method::GET, "/events");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = client.open(request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        let body = response.into_body();
        let read = String::new();
        Self { body, read }
    }

    /// The next event; `None` if the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (parse(event), rest.to_owned());
                self.read = rest;
                match event {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let frame = self.body.frame().await?.unwrap();
            let bytes = frame.into_data().unwrap();
            self.read.push_str(str::from_utf8(&bytes).unwrap());
        }
    }

    async fn expect(&mut self, name: &str) -> Event {
        let event = self.next().await.unwrap();
        assert_eq!(event.name, name, "{event:?}");
        event
    }
}

/// Parses a block of the stream; `None` if the block has no event.
fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let mut lines = block.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    Some(Event {
        name: field("event")?.to_owned(),
        id: field("id").unwrap().to_owned(),
        data: serde_json::from_str(field("data").unwrap()).unwrap(),
    })
}

async fn add(client: &Client, title: &str) -> Value {
    let body = json!({ "title": title });
    client.post("/todos", &body).await.expect(201).json()
}

/// An entry as it is in events: with a relative URL.
fn in_event(mut entry: Value, path: &str) -> Value {
    let id = entry["id"].as_str().unwrap();
    entry["url"] = format!("/{path}/{id}").into();
    entry
}

#[tokio::test]
async fn every_change_is_told_once_and_in_order() {
    let server = Server::start().await;
    let client = &server.client;
    let mut events = Events::open(client, None).await;
    events.expect("reset").await;

    let todo = add(client, "buy milk").await;
    let url = todo["url"].as_str().unwrap();
    let created = events.expect("todo.created").await;
    assert_eq!(created.data, in_event(todo.clone(), "todos"));

    let patch = json!({ "completed": true });
    let changed = client.patch(url, &patch).await.expect(200).json();
    let event = events.expect("todo.changed").await;
    assert_eq!(event.data, in_event(changed, "todos"));

    let body = json!({ "title": "two litres" });
    let items = format!("{url}/items");
    let item = client.post(&items, &body).await.expect(201).json();
    let event = events.expect("item.created").await;
    assert_eq!(event.data, in_event(item.clone(), "items"));

    let item_url = item["url"].as_str().unwrap();
    let patch = json!({ "title": "three litres" });
    let changed = client.patch(item_url, &patch).await.expect(200).json();
    let event = events.expect("item.changed").await;
    assert_eq!(event.data, in_event(changed, "items"));

    client.delete(item_url).await.expect(204);
    let event = events.expect("item.deleted").await;
    assert_eq!(
        event.data,
        json!({ "id": item["id"], "todo_id": todo["id"] })
    );

    let put = client.put(url, &json!({ "title": "bread" })).await;
    let event = events.expect("todo.changed").await;
    assert_eq!(event.data, in_event(put.expect(200).json(), "todos"));

    client.delete(url).await.expect(204);
    let event = events.expect("todo.deleted").await;
    assert_eq!(event.data, json!({ "id": todo["id"] }));
    drop(events);
    server.stop().await;
}

#[tokio::test]
async fn what_was_refused_is_not_told() {
    let server = Server::start().await;
    let client = &server.client;
    let mut events = Events::open(client, None).await;
    events.expect("reset").await;
    let nobody = "/todos/019aaf5c-7f00-7000-8000-000000000001";
    client.post("/todos", &json!({})).await.expect(422);
    client.patch(nobody, &json!({})).await.expect(404);
    client.delete(nobody).await.expect(404);
    client.delete("/todos?completed=true").await.expect(204);
    let todo = add(client, "the first").await;
    let event = events.expect("todo.created").await;
    assert_eq!(event.data["id"], todo["id"]);
    drop(events);
    server.stop().await;
}

#[tokio::test]
async fn a_stream_goes_on_where_the_last_one_ended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("todo.db");
    let server = Server::on(file.clone()).await;
    let mut events = Events::open(&server.client, None).await;
    events.expect("reset").await;
    add(&server.client, "seen").await;
    let seen = events.expect("todo.created").await;
    drop(events);
    let missed = add(&server.client, "missed").await;
    server.stop().await;

    let server = Server::on(file).await;
    let mut events = Events::open(&server.client, Some(&seen.id)).await;
    let event = events.expect("todo.created").await;
    assert_eq!(event.data, in_event(missed, "todos"));
    add(&server.client, "live").await;
    let event = events.expect("todo.created").await;
    assert_eq!(event.data["title"], "live");
    drop(events);
    server.stop().await;
}

#[tokio::test]
async fn a_position_that_is_not_known_begins_anew() {
    let server = Server::start().await;
    add(&server.client, "there").await;
    let known = Events::open(&server.client, None)
        .await
        .expect("reset")
        .await
        .id;
    let (number, tag) = known.rsplit_once('-').unwrap();
    let of_another_log = if tag == "00000000" {
        "00000001"
    } else {
        "00000000"
    };
    for position in [
        "",
        "1",
        "9007199254740991",
        "-1",
        "nonsense",
        "1e400",
        "1-00000000",
        "9223372036854775807-00000000",
        "-9223372036854775808-ffffffff",
        // An id of an earlier version, without a tag.
        number,
        &format!("{number}-{of_another_log}"),
        &format!("{number}-{}", &tag[1..]),
    ] {
        let mut events = Events::open(&server.client, Some(position)).await;
        events.expect("reset").await;
        add(&server.client, "next").await;
        events.expect("todo.created").await;
    }
    server.stop().await;
}

/// The service keeps these changes in memory, because it has read them before.
#[tokio::test]
async fn every_position_that_was_sent_is_known_again() {
    let server = Server::start().await;
    let client = &server.client;
    let mut events = Events::open(client, None).await;
    let mut ids = vec![events.expect("reset").await.id];
    for n in 0..5 {
        let gone = add(client, &format!("gone {n}")).await;
        add(client, &format!("kept {n}")).await;
        ids.push(events.expect("todo.created").await.id);
        ids.push(events.expect("todo.created").await.id);
        client
            .delete(gone["url"].as_str().unwrap())
            .await
            .expect(204);
        ids.push(events.expect("todo.deleted").await.id);
    }
    let last = add(client, "last").await;
    for id in ids {
        let mut events = Events::open(client, Some(&id)).await;
        let mut event = events.next().await.unwrap();
        while event.data["id"] != last["id"] {
            assert_ne!(event.name, "reset", "{id}");
            event = events.next().await.unwrap();
        }
    }
    drop(events);
    server.stop().await;
}

/// After a backup is restored, a file is copied or a failover, later changes get numbers that were
/// given before.
#[tokio::test]
async fn a_position_of_before_a_restore_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (file, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    let server = Server::on(file.clone()).await;
    let mut events = Events::open(&server.client, None).await;
    let mut ids = vec![events.expect("reset").await.id];
    for n in 1..=15 {
        add(&server.client, &format!("before {n}")).await;
        ids.push(events.expect("todo.created").await.id);
        if n == 5 {
            todo_sqlite::backup(&file, &backup, IfExists::Refuse).unwrap();
        }
    }
    drop(events);
    server.stop().await;
    todo_sqlite::restore(&file, &backup).unwrap();

    let server = Server::on(file).await;
    for n in 6..=20 {
        // Positions with a lower number than the end of the log, the same number, and a higher one.
        for after in [6, 7, 10, 15] {
            let mut events = Events::open(&server.client, Some(&ids[after])).await;
            events.expect("reset").await;
        }
        add(&server.client, &format!("after {n}")).await;
    }
    // The backup contains this position, so all later changes follow.
    let mut events = Events::open(&server.client, Some(&ids[5])).await;
    for n in 6..=20 {
        let event = events.expect("todo.created").await;
        assert_eq!(event.data["title"], format!("after {n}"));
    }
    drop(events);
    server.stop().await;
}

#[tokio::test]
async fn clearing_tells_each_todo_unless_they_are_too_many() {
    let server = Server::start().await;
    let client = &server.client;
    let ids = [add(client, "a").await, add(client, "b").await].map(|todo| todo["id"].clone());
    let mut events = Events::open(client, None).await;
    events.expect("reset").await;
    client.delete("/todos").await.expect(204);
    let told = [
        events.expect("todo.deleted").await.data["id"].clone(),
        events.expect("todo.deleted").await.data["id"].clone(),
    ];
    assert!(ids.iter().all(|id| told.contains(id)), "{told:?}");

    futures_util::future::join_all((0..1001).map(|_| add(client, "many"))).await;
    for _ in 0..1001 {
        events.expect("todo.created").await;
    }
    client.delete("/todos").await.expect(204);
    events.expect("reset").await;
    drop(events);
    server.stop().await;
}

/// A client that reads late gets only the deletion of a todo that was deleted meanwhile.
#[tokio::test]
async fn what_is_read_late_is_told_as_it_is_now() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("todo.db");
    let server = Server::on(database.clone()).await;
    let mut events = Events::open(&server.client, None).await;
    let position = events.expect("reset").await.id;
    drop(events);
    // The restart makes sure that no stream is open: the service notices a closed connection only
    // at the next write to it.
    server.stop().await;
    let server = Server::on(database).await;
    let client = &server.client;
    let gone = add(client, "gone").await;
    let kept = add(client, "kept").await;
    let patch = json!({ "title": "changed" });
    client.patch(kept["url"].as_str().unwrap(), &patch).await;
    client.delete(gone["url"].as_str().unwrap()).await;

    let mut events = Events::open(client, Some(&position)).await;
    let mut told = Vec::new();
    while told.last() != Some(&"todo.deleted".to_owned()) {
        told.push(events.next().await.unwrap().name);
    }
    assert_eq!(told, ["todo.created", "todo.changed", "todo.deleted"]);
    drop(events);
    server.stop().await;
}

#[tokio::test]
async fn a_hundred_clients_are_told_the_same() {
    let server = Server::start().await;
    let client = &server.client;
    let mut streams = Vec::new();
    for _ in 0..100 {
        let mut events = Events::open(client, None).await;
        events.expect("reset").await;
        streams.push(events);
    }
    let todo = add(client, "for all").await;
    for events in &mut streams {
        let event = events.expect("todo.created").await;
        assert_eq!(event.data["id"], todo["id"]);
    }
    drop(streams);
    server.stop().await;
}

#[tokio::test]
async fn shutdown_ends_streams_at_once() {
    let server = Server::start().await;
    let mut events = Events::open(&server.client, None).await;
    events.expect("reset").await;
    let (ended, ()) = tokio::join!(events.next(), server.stop());
    assert_eq!(ended, None);
}

fn app(db: Db) -> (axum::Router, Sabr) {
    let sabr = Sabr::default();
    let app = App {
        db,
        clock: Clock::system(),
        ids: Ids::random(),
        sabr: sabr.clone(),
    };
    let router = router(app, config().limits).layer(sabr.layer());
    (router.with_state(()), sabr)
}

async fn stream(router: &axum::Router) -> (StatusCode, Body) {
    let request = Request::get("/events").header("host", "localhost");
    let request = request.body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    (response.status(), response.into_body())
}

async fn read(body: &mut Body) -> Bytes {
    let frame = body.frame().await.unwrap().unwrap();
    frame.into_data().unwrap()
}

/// Time is paused, and only advances to the next timer.
#[tokio::test(start_paused = true)]
async fn a_silent_stream_has_a_heartbeat() {
    let store = SqliteStore::open(&SqliteOptions::default()).unwrap();
    let (router, _sabr) = app(Db::new(store));
    let (_, mut body) = stream(&router).await;
    assert_eq!(read(&mut body).await, "retry: 1000\n\n");
    assert!(read(&mut body).await.starts_with(b"event: reset\n"));
    let began = tokio::time::Instant::now();
    assert_eq!(read(&mut body).await, ":\n\n");
    assert_eq!(began.elapsed().as_secs(), 15);
}

async fn add_to(store: &SqliteStore, notes: Option<Notes>) {
    let draft = Draft {
        title: Title::parse("one more").unwrap(),
        notes,
        completed: false,
        order: None,
    };
    let now = Clock::system().now();
    let id = TodoId(Ids::random().next(now));
    let create = CreateTodo { id, draft };
    let created = write_one(store, create, Precondition::None, now);
    created.await.unwrap();
}

#[tokio::test]
async fn steady_writes_keep_nobody_from_reading_a_slow_database() {
    let store = SqliteStore::open(&SqliteOptions::default()).unwrap();
    let slow = Db::new(store.clone()).with_delay(Duration::from_millis(5));
    let (router, _sabr) = app(slow);
    let (_, mut body) = stream(&router).await;
    assert_eq!(read(&mut body).await, "retry: 1000\n\n");
    assert!(read(&mut body).await.starts_with(b"event: reset\n"));
    let writer = tokio::spawn(async move {
        loop {
            add_to(&store, None).await;
        }
    });
    let piece = read(&mut body).await;
    assert!(piece.starts_with(b"event: todo.created\n"), "{piece:?}");
    writer.abort();
}

/// Why: the service holds one batch in memory for each client that does not read.
#[tokio::test]
async fn much_at_once_comes_in_pieces() {
    let store = SqliteStore::open(&SqliteOptions::default()).unwrap();
    let (router, _sabr) = app(Db::new(store.clone()));
    let (_, mut body) = stream(&router).await;
    assert_eq!(read(&mut body).await, "retry: 1000\n\n");
    assert!(read(&mut body).await.starts_with(b"event: reset\n"));
    for _ in 0..30 {
        let notes = Notes::parse("n".repeat(Notes::CHARS_MAX)).unwrap();
        add_to(&store, Some(notes)).await;
    }
    let mut told = 0;
    while told < 30 {
        let piece = read(&mut body).await;
        assert!(piece.len() <= 64 * 1024, "{}", piece.len());
        let piece = String::from_utf8(piece.to_vec()).unwrap();
        told += piece.matches("event: todo.created\n").count();
    }
    assert_eq!(told, 30);
}

/// Two services use the same file, as replicas would.
#[tokio::test]
async fn what_another_process_changes_is_told_after_a_heartbeat() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        path: Some(folder.path().join("todo.db")),
        ..SqliteOptions::default()
    };
    let (here, _sabr) = app(Db::new(SqliteStore::open(&options).unwrap()));
    let (there, _other) = app(Db::new(SqliteStore::open(&options).unwrap()));
    let (_, mut body) = stream(&here).await;
    read(&mut body).await;
    read(&mut body).await;
    let request = Request::post("/todos")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"title":"elsewhere"}"#))
        .unwrap();
    let answer = there.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 201);
    // From now on, time is paused and only advances to the next timer. A reader keeps its snapshot
    // of the database for a moment of real time, so some heartbeats may come before the event.
    tokio::time::pause();
    while !read(&mut body).await.starts_with(b"event: todo.created\n") {}
}

#[tokio::test]
async fn over_the_bound_streams_are_refused() {
    let store = SqliteStore::open(&SqliteOptions::default()).unwrap();
    let (router, _sabr) = app(Db::new(store));
    let mut open = Vec::new();
    for _ in 0..1000 {
        let (status, body) = stream(&router).await;
        assert_eq!(status, 200);
        open.push(body);
    }
    assert_eq!(stream(&router).await.0, 503);
    open.pop();
    assert_eq!(stream(&router).await.0, 200);
}
