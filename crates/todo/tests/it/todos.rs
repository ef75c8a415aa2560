use axum::http::{Method, header};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::server::{Client, Server};

async fn add(client: &Client, title: &str) -> Value {
    let body = json!({ "title": title });
    client.post("/todos", &body).await.expect(201).json()
}

fn titles(todos: &Value) -> Vec<&str> {
    let todos = todos.as_array().unwrap().iter();
    todos.map(|todo| todo["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn creating_answers_where_the_todo_is() {
    let server = Server::start().await;
    let client = &server.client;
    let body = json!({ "title": " buy milk ", "notes": "2 l", "completed": true });
    let answer = client.post("/todos", &body).await.expect(201);
    let todo = answer.json();
    assert_eq!(todo["title"], "buy milk");
    assert_eq!(todo["notes"], "2 l");
    assert_eq!(todo["completed_at"], todo["created_at"]);
    assert_eq!(answer.header(header::LOCATION), todo["url"]);
    assert_eq!(
        client.get(answer.header(header::LOCATION)).await.json(),
        todo
    );
    server.stop().await;
}

#[tokio::test]
async fn todos_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("todo.db");
    let server = Server::on(file.clone()).await;
    let todo = add(&server.client, "survive").await;
    server.stop().await;
    let server = Server::on(file).await;
    let path = format!("/todos/{}", todo["id"].as_str().unwrap());
    let found = server.client.get(&path).await.expect(200).json();
    assert_eq!(found["title"], "survive");
    assert_eq!(found["created_at"], todo["created_at"]);
    server.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let server = Server::start().await;
    let client = &server.client;
    for n in 0..7 {
        add(client, &format!("{n}")).await;
    }
    // All orders are equal, so the list is sorted by id.
    for todo in client.get("/todos").await.json().as_array().unwrap() {
        let url = todo["url"].as_str().unwrap();
        client.patch(url, &json!({ "order": 1 })).await.expect(200);
    }
    let mut found = Vec::new();
    let mut page = "/todos?limit=3&completed=false".to_owned();
    loop {
        let answer = client.get(&page).await.expect(200);
        let todos = answer.json();
        found.extend(titles(&todos).into_iter().map(str::to_owned));
        let Some(link) = answer.headers.get(header::LINK) else {
            break;
        };
        let (url, rel) = link.to_str().unwrap().split_once(">; ").unwrap();
        assert_eq!(rel, "rel=\"next\"");
        assert!(url.contains("limit=3&completed=false&cursor="), "{url}");
        page = url.trim_start_matches('<').to_owned();
    }
    assert_eq!(found, ["0", "1", "2", "3", "4", "5", "6"]);
    server.stop().await;
}

#[tokio::test]
async fn lists_and_deletes_can_be_narrowed_to_what_is_done() {
    let server = Server::start().await;
    let client = &server.client;
    add(client, "open").await;
    let done = add(client, "done").await;
    let url = done["url"].as_str().unwrap();
    client
        .patch(url, &json!({ "completed": true }))
        .await
        .expect(200);
    let list = async |path: &str| client.get(path).await.expect(200).json();
    assert_eq!(titles(&list("/todos?completed=true").await), ["done"]);
    assert_eq!(titles(&list("/todos?completed=false").await), ["open"]);
    client.delete("/todos?completed=true").await.expect(204);
    assert_eq!(titles(&list("/todos").await), ["open"]);
    server.stop().await;
}

#[tokio::test]
async fn putting_replaces_or_creates() {
    let server = Server::start().await;
    let client = &server.client;
    let path = "/todos/0191b2a4-5c00-7000-8000-0000000000aa";
    let body = json!({ "title": "mine", "notes": "n", "order": 4 });
    let created = client.put(path, &body).await.expect(201);
    assert_eq!(created.header(header::LOCATION), client.url(path));
    let replaced = client.put(path, &json!({ "title": "ours" })).await;
    let todo = replaced.expect(200).json();
    assert_eq!(
        (&todo["title"], &todo["notes"]),
        (&json!("ours"), &Value::Null)
    );
    assert_eq!(todo["order"], 4);
    assert_eq!(todo["created_at"], created.json()["created_at"]);
    server.stop().await;
}

#[tokio::test]
async fn a_patch_that_changes_nothing_touches_nothing() {
    let server = Server::start().await;
    let client = &server.client;
    let todo = add(client, "same").await;
    let url = todo["url"].as_str().unwrap();
    let request = client
        .request(Method::PATCH, url)
        .header(header::CONTENT_TYPE, "application/merge-patch+json");
    assert_eq!(client.send(request, "{}").await.expect(200).json(), todo);
    server.stop().await;
}

/// Applies a merge patch (RFC 7396, section 2) to a flat object.
fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        target.insert(name.clone(), value.clone());
    }
}

fn patches() -> impl Strategy<Value = Map<String, Value>> {
    let title = prop::option::of("[a-z]{1,8}".prop_map(Value::from));
    let notes = prop::option::of(prop_oneof![
        Just(Value::Null),
        "[a-z ]{0,8}".prop_map(Value::from)
    ]);
    let completed = prop::option::of(any::<bool>().prop_map(Value::from));
    let order = prop::option::of((-9i32..9).prop_map(Value::from));
    (title, notes, completed, order).prop_map(|(title, notes, completed, order)| {
        [
            ("title", title),
            ("notes", notes),
            ("completed", completed),
            ("order", order),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    })
}

#[test]
fn patches_merge_as_rfc_7396_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    let client = &server.client;
    let mut model = runtime.block_on(add(client, "model"));
    let url = model["url"].as_str().unwrap().to_owned();
    let model = std::cell::RefCell::new(model.as_object_mut().unwrap().clone());
    TestRunner::new(ProptestConfig::with_cases(64))
        .run(&patches(), |patch| {
            let mut model = model.borrow_mut();
            merge(&mut model, &patch);
            let answer = runtime.block_on(client.patch(&url, &Value::Object(patch)));
            let found = answer.expect(200).json();
            for field in [
                "id",
                "title",
                "notes",
                "completed",
                "order",
                "created_at",
                "url",
            ] {
                prop_assert_eq!(&found[field], &model[field], "{}", field);
            }
            prop_assert_eq!(found["completed_at"].is_null(), found["completed"] == false);
            Ok(())
        })
        .unwrap();
    runtime.block_on(server.stop());
}

/// The client sends its whole request and disconnects without waiting for the response, while the
/// database is slow. The write is carried out all the same.
#[tokio::test]
async fn a_write_whose_client_left_is_carried_out() {
    use std::time::Duration;

    use tokio::io::AsyncWriteExt;

    let server = Server::with(todo::service::Config {
        db_delay: Duration::from_millis(50),
        ..crate::server::config()
    })
    .await;
    let client = &server.client;
    let body = r#"{"title":"left alone"}"#;
    let mut stream = tokio::net::TcpStream::connect(&client.address)
        .await
        .unwrap();
    let request = format!(
        "POST /todos HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        client.address,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // The service asks for the body, so the handler is running.
    let mut line = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut line)
        .await
        .unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    drop(stream);
    // Loops until the todo exists. If the write was dropped with its client, the test hangs.
    while client.get("/todos").await.expect(200).json() == json!([]) {}
    server.stop().await;
}

#[tokio::test]
async fn a_todo_is_created_only_where_none_is_if_the_client_says_so() {
    let server = Server::start().await;
    let client = &server.client;
    let path = "/todos/019aaf5c-7f00-7000-8000-0000000000aa";
    let put = async |title: &str, condition: &str| {
        let request = client.request(Method::PUT, path);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let request = request.header(header::IF_NONE_MATCH, condition);
        let body = json!({ "title": title }).to_string();
        client.send(request, body).await
    };
    let made = put("milk", "*").await.expect(201).json();
    put("oat milk", "*").await.expect(412);
    assert_eq!(client.get(path).await.json(), made);
    put("oat milk", "\"an-entity-tag\"").await.expect(200);
    server.stop().await;
}
