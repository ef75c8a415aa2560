use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::server::{Client, Server};

async fn todo(client: &Client) -> String {
    let todo = client.post("/todos", &json!({ "title": "pack" })).await;
    todo.expect(201).json()["url"].as_str().unwrap().to_owned()
}

async fn add(client: &Client, todo: &str, title: &str) -> Value {
    let body = json!({ "title": title });
    let path = format!("{todo}/items");
    client.post(&path, &body).await.expect(201).json()
}

#[tokio::test]
async fn a_checklist_is_kept_with_its_todo() {
    let server = Server::start().await;
    let client = &server.client;
    let todo = todo(client).await;
    assert_eq!(
        client.get("/items").await.expect(200).json(),
        json!({ "items": [] })
    );
    let socks = add(client, &todo, "socks").await;
    let hat = add(client, &todo, "hat").await;
    assert!(todo.ends_with(socks["todo_id"].as_str().unwrap()));
    let list = client.get(&format!("{todo}/items")).await.expect(200);
    assert_eq!(list.json(), json!([socks, hat]));
    let all = client.get("/items").await.expect(200);
    assert_eq!(all.json(), json!({ "items": [socks, hat] }));
    client.delete(&todo).await.expect(204);
    client.get(socks["url"].as_str().unwrap()).await.expect(404);
    assert_eq!(client.get("/items").await.json(), json!({ "items": [] }));
    server.stop().await;
}

#[tokio::test]
async fn an_item_can_be_changed_moved_and_deleted() {
    let server = Server::start().await;
    let client = &server.client;
    let todo = todo(client).await;
    let socks = add(client, &todo, "socks").await;
    let hat = add(client, &todo, "hat").await;
    let url = hat["url"].as_str().unwrap();
    let patch = json!({ "completed": true, "order": 0.5, "title": "cap" });
    let cap = client.patch(url, &patch).await.expect(200).json();
    assert_eq!(cap["title"], "cap");
    assert!(cap["completed_at"].is_string());
    let list = client.get(&format!("{todo}/items")).await.json();
    assert_eq!(list, json!([cap, socks]));
    client.delete(url).await.expect(204);
    client.delete(url).await.expect(404);
    client.patch(url, &patch).await.expect(404);
    server.stop().await;
}

#[tokio::test]
async fn an_item_can_be_put_under_an_id_of_ones_own_as_often_as_it_takes() {
    let server = Server::start().await;
    let client = &server.client;
    let todo = todo(client).await;
    let todo_id = todo.rsplit('/').next().unwrap();
    let first = add(client, &todo, "hat").await;
    let path = "/items/019aaf5c-7f00-7000-8000-0000000000aa";
    let body = json!({ "todo_id": todo_id, "title": "socks" });
    let made = client.put(path, &body).await.expect(201);
    assert!(made.header(header::LOCATION).ends_with(path));
    let made = made.json();
    let again = client.put(path, &body).await.expect(200).json();
    assert_eq!(again, made);
    let list = client.get(&format!("{todo}/items")).await.json();
    assert_eq!(list, json!([first, made]));
    let only_new = client.request(Method::PUT, path);
    let only_new = only_new.header(header::CONTENT_TYPE, "application/json");
    let only_new = only_new.header(header::IF_NONE_MATCH, "*");
    let refused = client.send(only_new, body.to_string()).await;
    assert_eq!(refused.expect(412).json()["type"], "/problems/exists");
    let done = json!({ "todo_id": todo_id, "title": "socks", "completed": true });
    let done = client.put(path, &done).await.expect(200).json();
    assert_eq!(
        (&done["order"], &done["completed"]),
        (&made["order"], &json!(true))
    );
    server.stop().await;
}

#[tokio::test]
async fn an_item_that_is_put_under_another_todo_moves_there_if_there_is_room() {
    let server = Server::start().await;
    let client = &server.client;
    let (from, to) = (todo(client).await, todo(client).await);
    let item = add(client, &from, "socks").await;
    let path = item["url"].as_str().unwrap();
    let under = |todo: &str| {
        let id = todo.rsplit('/').next().unwrap();
        json!({ "todo_id": id, "title": "socks" })
    };
    let moved = client.put(path, &under(&to)).await.expect(200).json();
    assert!(to.ends_with(moved["todo_id"].as_str().unwrap()));
    let items = client.get(&format!("{from}/items")).await.json();
    assert_eq!(items, json!([]));
    let items = client.get(&format!("{to}/items")).await.json();
    assert_eq!(items, json!([moved]));
    let nowhere = under("019aaf5c-7f00-7000-8000-0000000000aa");
    client.put(path, &nowhere).await.expect(404);
    for n in 0..1_000 {
        add(client, &from, &format!("{n}")).await;
    }
    client.put(path, &under(&from)).await.expect(409);
    assert_eq!(client.get(path).await.expect(200).json(), moved);
    server.stop().await;
}

#[tokio::test]
async fn items_come_a_page_at_a_time() {
    let server = Server::start().await;
    let client = &server.client;
    let todo = todo(client).await;
    for n in 0..3 {
        add(client, &todo, &format!("{n}")).await;
    }
    for path in [
        format!("{todo}/items?limit=2"),
        client.url("/items?limit=2"),
    ] {
        let first = client.get(&path).await.expect(200);
        let link = first.header(header::LINK);
        let url = link.split(['<', '>']).nth(1).unwrap().to_owned();
        let second = client.get(&url).await.expect(200);
        assert!(second.headers.get(header::LINK).is_none());
        assert!(String::from_utf8_lossy(&second.body).contains("\"title\":\"2\""));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_checklist_has_a_bound() {
    let server = Server::start().await;
    let client = &server.client;
    let todo = todo(client).await;
    for n in 0..1000 {
        add(client, &todo, &format!("{n}")).await;
    }
    let path = format!("{todo}/items");
    let refused = client.post(&path, &json!({ "title": "one more" })).await;
    assert_eq!(
        refused.expect(409).json()["type"],
        "/problems/checklist-full"
    );
    server.stop().await;
}
