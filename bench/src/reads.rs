use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::Load;
use crate::peer::Peer;
use crate::rounds;

const BODY: &str = r#"{"title":"buy oat milk, two litres","notes":"the one without sugar"}"#;

pub(crate) async fn run(load: Load) {
    let folder = tempfile::tempdir_in(".").expect("a folder can be made here");
    let file = folder.path().join("todo.db").display().to_string();
    let todo = Peer::todo(&["--database", &file, "--log-level", &load.log_level]);
    let (path, size) = create(&todo.address);
    let constant = Peer::constant(size);
    let request = |peer: &Peer| format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", peer.address);
    let contenders = [
        ("GET /todos/{id}", &todo, request(&todo)),
        ("axum, a constant", &constant, request(&constant)),
    ];
    println!("a body of {size} bytes");
    rounds::run(&load, &contenders).await;
}

/// Adds a todo. Returns its path, and the size of its JSON in bytes.
pub(crate) fn create(address: &str) -> (String, usize) {
    let mut stream = TcpStream::connect(address).expect("the peer listens");
    write!(
        stream,
        "POST /todos HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    )
    .expect("the peer reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("the peer answers");
    let (_, body) = answer
        .split_once("\r\n\r\n")
        .expect("the answer has a body");
    let todo: Value = serde_json::from_str(body).expect("the body is JSON");
    let id = todo["id"].as_str().expect("a todo has an id");
    (format!("/todos/{id}"), body.len())
}
