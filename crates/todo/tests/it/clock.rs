//! The service with the clock set to unusual times. These occur in practice: a board without a
//! battery starts in 1970 or earlier.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::Timestamp;
use sabr::Sabr;
use serde_json::{Value, json};
use todo::db::Db;
use todo::http::{App, router};
use todo_core::{Clock, Ids};
use todo_sqlite::{SqliteOptions, SqliteStore};
use tower::ServiceExt;

use crate::server::config;

fn service_at(time: Timestamp) -> Router {
    let sabr = Sabr::default();
    let app = App {
        db: Db::new(SqliteStore::open(&SqliteOptions::default()).unwrap()),
        clock: Clock::from_fn(move || time),
        ids: Ids::random(),
        sabr: sabr.clone(),
    };
    router(app, config().limits)
        .layer(sabr.layer())
        .with_state(())
}

async fn call(service: &Router, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = service.clone().oneshot(request).await.unwrap();
    assert_ne!(answer.headers()["x-request-id"], "none");
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

fn path_of(entry: &Value) -> String {
    let url = entry["url"].as_str().unwrap();
    url.split("localhost").nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn the_service_works_at_any_time() {
    for (time, expected) in [
        ("-009999-06-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
        ("1901-12-13T20:45:51Z", "1901-12-13T20:45:51.000Z"),
        ("1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.900Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("2038-01-19T03:14:08Z", "2038-01-19T03:14:08.000Z"),
        ("9999-12-30T22:00:00.999999999Z", "9998-12-31T23:59:59.999Z"),
    ] {
        let service = service_at(time.parse().unwrap());
        let new = json!({ "title": "x", "completed": true });
        let (status, todo) = call(&service, Method::POST, "/todos", new.clone()).await;
        assert_eq!(status, 201, "{time}: {todo}");
        for field in ["created_at", "updated_at", "completed_at"] {
            assert_eq!(todo[field], expected, "{time}");
        }
        let path = path_of(&todo);
        let (status, item) = call(&service, Method::POST, &format!("{path}/items"), new).await;
        assert_eq!(status, 201, "{time}: {item}");
        for field in ["created_at", "updated_at", "completed_at"] {
            assert_eq!(item[field], expected, "{time}");
        }
        // `updated_at` increases with each change, and stays in the range that sorts as text.
        let mut before = expected.to_owned();
        for title in ["a", "b", "c"] {
            let change = json!({ "title": title });
            let (status, todo) = call(&service, Method::PUT, &path, change).await;
            assert_eq!(status, 200, "{time}: {todo}");
            let changed = todo["updated_at"].as_str().unwrap().to_owned();
            assert!(changed > before, "{changed} after {before}");
            before = changed;
        }
        let (status, todos) = call(&service, Method::GET, "/todos", json!({})).await;
        assert_eq!(
            (status, todos[0]["updated_at"].as_str()),
            (StatusCode::OK, Some(&*before))
        );
        let (status, _) = call(&service, Method::GET, "/_sabr/json", json!({})).await;
        assert!(!status.is_server_error(), "{time}");
    }
}
