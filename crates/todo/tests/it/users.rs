use axum::http::Method;
use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn there_is_one_local_person() {
    let server = Server::start().await;
    let users = server.client.get("/users").await.expect(200).json();
    assert_eq!(users["users"].as_array().unwrap().len(), 1);
    assert_eq!(users["users"][0]["name"], "local");
    server.stop().await;
}

#[tokio::test]
async fn the_local_person_logs_in_with_or_without_a_name() {
    let server = Server::start().await;
    let client = &server.client;
    let bare = client.request(Method::POST, "/login");
    let expected = json!({ "message": "Login successful" });
    assert_eq!(client.send(bare, "").await.expect(200).json(), expected);
    for body in [json!({}), json!({ "username": "local" })] {
        let answer = client.post("/login", &body).await;
        assert_eq!(answer.expect(200).json(), expected);
    }
    let refused = client.post("/login", &json!({ "username": "eve" })).await;
    assert_eq!(
        refused.expect(403).json()["type"],
        "/problems/login-refused"
    );
    server.stop().await;
}
