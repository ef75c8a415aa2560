//! Conditional writes (RFC 9110, section 13). The routes are taken from the OpenAPI document, so
//! that none is forgotten.

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::server::{Answer, Client, Server};

const MISSING: &str = "019aaf5c-7f00-7000-8000-0000000000bb";

/// A writing operation, by its id, on an existing target.
struct Write {
    id: String,
    method: Method,
    path: String,
    body: Value,
}

/// Every writing operation of the OpenAPI document, on a new todo with a new item.
async fn writes(client: &Client) -> Vec<Write> {
    let document = client.get("/openapi.json").await.expect(200).json();
    let mut writes = Vec::new();
    for (template, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            if !method.is_safe() {
                let id = operation["operationId"].as_str().unwrap();
                writes.push(write(client, id, method, template).await);
            }
        }
    }
    assert!(
        writes.len() >= 11,
        "writes are missing from the description"
    );
    writes
}

async fn write(client: &Client, id: &str, method: Method, template: &str) -> Write {
    let todo = client.post("/todos", &json!({ "title": "old" })).await;
    let todo_id = todo.expect(201).json()["id"].clone();
    let todo_id = todo_id.as_str().unwrap();
    let items = format!("/todos/{todo_id}/items");
    let item = client.post(&items, &json!({ "title": "old" })).await;
    let item_id = item.expect(201).json()["id"].clone();
    let body = match id {
        "clearTodos" | "deleteTodo" | "deleteItem" | "login" => Value::Null,
        "createTodo" | "replaceTodo" | "changeTodo" | "createItem" | "changeItem" => {
            json!({ "title": "new" })
        }
        "replaceItem" => json!({ "title": "new", "todo_id": todo_id }),
        "runExperiment" => json!({ "scale": 0.01 }),
        other => panic!("say here what a good body of the new operation {other} is"),
    };
    let target = match template.starts_with("/items") {
        true => item_id.as_str().unwrap(),
        false => todo_id,
    };
    Write {
        id: id.to_owned(),
        method,
        path: template
            .replace("{id}", target)
            .replace("{experiment}", "after"),
        body,
    }
}

async fn send(client: &Client, write: &Write, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = client.request(write.method.clone(), path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if write.body.is_null() {
        return client.send(request, "").await;
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    client.send(request, write.body.to_string()).await
}

async fn all(client: &Client) -> (Value, Value) {
    let todos = client.get("/todos").await.expect(200).json();
    (todos, client.get("/items").await.expect(200).json())
}

/// Checks that no route carries out a write with these headers. Each answers with this status, and
/// changes nothing.
async fn refused(headers: &[(&str, &str)], status: u16, slug: &str) {
    let server = Server::start().await;
    let client = &server.client;
    let writes = writes(client).await;
    let before = all(client).await;
    for write in &writes {
        let answer = send(client, write, &write.path, headers).await;
        assert_eq!(
            answer.status, status,
            "{} {headers:?}: {answer:?}",
            write.id
        );
        let kind = answer.json()["type"].clone();
        let exists = slug == "precondition-failed" && kind == "/problems/exists";
        assert!(
            exists || kind == format!("/problems/{slug}"),
            "{}: {kind}",
            write.id
        );
        assert_eq!(all(client).await, before, "{} was carried out", write.id);
    }
    server.stop().await;
}

/// Checks that every route carries out a write with these headers.
async fn carried_out(headers: &[(&str, &str)]) {
    let server = Server::start().await;
    let client = &server.client;
    for Write { id, .. } in writes(client).await {
        // Each operation gets new targets, because some operations delete them.
        let write = writes(client)
            .await
            .into_iter()
            .find(|write| write.id == id);
        let write = write.unwrap();
        let answer = send(client, &write, &write.path, headers).await;
        assert!(answer.status.is_success(), "{id} {headers:?}: {answer:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn no_write_is_carried_out_for_a_tag_that_matches_nothing() {
    for tags in ["\"nope\"", "W/\"nope\"", "\"a\", W/\"b\",, \"c\""] {
        refused(&[("if-match", tags)], 412, "precondition-failed").await;
    }
    let both = [("if-match", "\"a\""), ("if-match", "\"b\"")];
    refused(&both, 412, "precondition-failed").await;
}

#[tokio::test]
async fn no_write_is_carried_out_where_something_is_if_nothing_should_be() {
    refused(&[("if-none-match", "*")], 412, "precondition-failed").await;
    let never = [("if-none-match", "*"), ("if-match", "*")];
    refused(&never, 412, "precondition-failed").await;
}

#[tokio::test]
async fn no_write_is_carried_out_under_a_condition_that_cannot_be_read() {
    for name in ["if-match", "if-none-match"] {
        for value in ["nope", "\"nope", "", "w/\"nope\"", "*, \"nope\""] {
            refused(&[(name, value)], 400, "bad-header").await;
        }
    }
}

#[tokio::test]
async fn writes_whose_conditions_hold_are_carried_out() {
    carried_out(&[("if-match", "*")]).await;
    carried_out(&[("if-none-match", "\"nope\", W/\"nope\"")]).await;
    // Nothing has a `Last-Modified`, so these two are ignored (RFC 9110, section 13.1.4).
    carried_out(&[("if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT")]).await;
    carried_out(&[("if-unmodified-since", "no date")]).await;
}

/// A missing target is 404 whatever the conditions (RFC 9110, section 13.2.1), except for an
/// operation that would create it.
#[tokio::test]
async fn a_condition_creates_nothing() {
    let server = Server::start().await;
    let client = &server.client;
    let writes = writes(client).await;
    let before = all(client).await;
    let single = |write: &&Write| {
        matches!(
            write.id.as_str(),
            "replaceTodo"
                | "replaceItem"
                | "changeTodo"
                | "changeItem"
                | "deleteTodo"
                | "deleteItem"
        )
    };
    for write in writes.iter().filter(single) {
        let (parent, _) = write.path.rsplit_once('/').unwrap();
        let path = format!("{parent}/{MISSING}");
        for tag in ["*", "\"nope\""] {
            let answer = send(client, write, &path, &[("if-match", tag)]).await;
            let expected = if write.method == Method::PUT {
                412
            } else {
                404
            };
            assert_eq!(answer.status, expected, "{} {tag}", write.id);
        }
        assert_eq!(all(client).await, before, "{} was carried out", write.id);
    }
    server.stop().await;
}

/// The condition is checked in the transaction of the write, so exactly one of several simultaneous
/// requests creates the todo.
#[tokio::test]
async fn of_many_who_create_only_what_is_not_there_one_does() {
    let server = Server::start().await;
    let client = &server.client;
    let path = format!("/todos/{MISSING}");
    let puts = (0..32).map(|n| {
        let path = path.clone();
        let client = client.clone();
        tokio::spawn(async move {
            let request = client.request(Method::PUT, &path);
            let request = request.header(header::CONTENT_TYPE, "application/json");
            let request = request.header(header::IF_NONE_MATCH, "*");
            let body = json!({ "title": format!("{n}") }).to_string();
            client.send(request, body).await.status.as_u16()
        })
    });
    let mut statuses = Vec::new();
    for put in puts.collect::<Vec<_>>() {
        statuses.push(put.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(
        statuses[1..].iter().all(|status| *status == 412),
        "{statuses:?}"
    );
    server.stop().await;
}
