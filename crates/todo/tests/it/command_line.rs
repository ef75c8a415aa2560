use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::golden;
use crate::process::{Process, command};
use crate::server::Client;

fn run(arguments: &[&str]) -> Output {
    command().args(arguments).output().unwrap()
}

#[track_caller]
fn refused(arguments: &[&str], advice: &str) -> String {
    let output = run(arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?} was taken");
    assert!(errors.contains(advice), "{arguments:?}: {errors}");
    errors
}

#[test]
fn help_says_what_there_is() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    golden::check("help.txt", &String::from_utf8(output.stdout).unwrap());
    let output = run(&["lab", "--help"]);
    assert!(output.status.success());
    golden::check("help-lab.txt", &String::from_utf8(output.stdout).unwrap());
    for command in ["backup", "restore"] {
        let output = run(&[command, "--help"]);
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        golden::check(&format!("help-{command}.txt"), &help);
    }
}

#[test]
fn wrong_values_for_the_lab_are_answered_with_what_to_write() {
    refused(
        &["lab", "waiting"],
        "sequence, crowd, freeze, crunch, after, decide",
    );
    refused(&["lab", "--scale", "2"], "from 0.01 to 1, such as 0.2");
    refused(&["lab", "--scale", "half"], "from 0.01 to 1, such as 0.2");
    refused(&["lab", "--users", "0"], "from 1 to 10000");
    refused(&["lab", "--users", "many"], "from 1 to 10000");
    refused(&["--port", "1", "lab"], "cannot be used with");
    refused(
        &[
            "lab",
            "after",
            "--scale",
            "0.01",
            "--svg",
            "/no/such/folder/x.svg",
        ],
        "cannot write /no/such/folder/x.svg",
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_lab_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let files = || std::fs::read_dir(temporary.path()).unwrap().count();
    let mut child = command()
        .args(["lab", "decide"])
        .env("TMPDIR", temporary.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while files() == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", "INT", &pid]).status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(files(), 0);
}

#[test]
fn the_lab_prints_json_on_request() {
    let arguments = ["lab", "after", "--scale", "0.02", "--json"];
    let output = run(&arguments);
    assert!(output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["scale"], 0.02);
    let experiment = &report["experiments"][0];
    assert_eq!(experiment["experiment"], "after");
    let figures = &experiment["figures"];
    let waited = |name: &str| figures[name].as_f64().unwrap();
    assert!(waited("before_client_seconds") >= waited("mail_seconds"));
}

#[test]
fn wrong_values_are_answered_with_what_to_write() {
    refused(&["--port", "http"], "from 0 to 65535");
    refused(
        &["--db-delay", "1"],
        "write a number and a unit, such as 250ms",
    );
    refused(&["--request-timeout", "0s"], "must be at least 1ms");
    refused(
        &["--database", "postgres://localhost/todo"],
        "write a path such as todo.db",
    );
    refused(
        &["--cors-origin", "example.com"],
        "such as https://example.com",
    );
    for level in ["=x=", "warning", "toodo=debug", "3", ""] {
        refused(&["--log-level", level], "write off, error, warn, info");
    }
    refused(&["--body-limit", "0"], "from 1 to 1073741824");
    refused(&["--grace-period", "9999999999h"], "at most 24h");
    refused(&["--database", ":memory"], ":memory:");
    refused(
        &["--cors-origin", "https://example.com:443"],
        "as browsers do",
    );
    refused(&["--cors-origin", "https://example.com,"], "as browsers do");
    refused(&["--batch-size", "0"], "from 1 to 10000");
    refused(&["--host", "example.com"], "write localhost");
    refused(
        &["--db-delay", "1m"],
        "make the first shorter or the second longer",
    );
}

#[test]
fn wrong_values_of_the_environment_are_refused_like_arguments() {
    for (name, value, advice) in [
        ("TODO_LOG_LEVEL", "warning", "write off, error, warn, info"),
        ("TODO_LOG_LEVEL", "", "write off, error, warn, info"),
        ("TODO_PORT", "", "from 0 to 65535"),
        ("TODO_HOST", "", "write localhost"),
        ("TODO_BODY_LIMIT", "1MB", "from 1 to 1073741824"),
        ("TODO_REQUEST_TIMEOUT", "30", "write a number and a unit"),
        ("TODO_BATCH_SIZE", "", "from 1 to 10000"),
        ("TODO_CORS_ORIGIN", "", "as browsers do"),
    ] {
        let output = command().env(name, value).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{name}={value} was taken");
        assert!(errors.contains(advice), "{name}={value}: {errors}");
    }
}

/// A filter for one target does not silence the other targets.
#[tokio::test]
async fn a_filter_silences_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--log-level", "sabr=debug"];
    let mut process = Process::start(&folder.path().join("todo.db"), &arguments);
    let client = Client::new(process.address.clone());
    client.get("/nowhere").await.expect(404);
    process.log_until("status=404");
    process.kill();
}

#[test]
fn only_the_local_machine_is_served() {
    for host in ["0.0.0.0", "::", "192.168.1.1"] {
        refused(
            &["--host", host, "--database", ":memory:"],
            "there are no accounts yet",
        );
    }
}

#[test]
fn a_port_in_use_is_named_with_a_way_out_and_no_database_is_left() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let arguments = ["--port", &port, "--database", database.to_str().unwrap()];
    refused(&arguments, "choose another with --port");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_missing_folder_of_the_database_is_named_once_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such/folder");
    let database = missing.join("todo.db");
    let arguments = ["--port", "0", "--database", database.to_str().unwrap()];
    let errors = refused(&arguments, "check the path, and that its folder exists");
    let named = errors.matches(missing.to_str().unwrap()).count();
    assert_eq!(named, 1, "{errors}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    let text = "not a database, but something a person wrote\n".repeat(100);
    std::fs::write(&file, &text).unwrap();
    let path = file.to_str().unwrap();
    refused(&["--port", "0", "--database", path], path);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test]
async fn what_is_done_is_logged_after_the_response() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(&folder.path().join("todo.db"), &["--log-format", "text"]);
    let client = Client::new(process.address.clone());
    let todo = client
        .post("/todos", &serde_json::json!({ "title": "x" }))
        .await;
    let id = todo.expect(201).json()["id"].as_str().unwrap().to_owned();
    process.log_until(&format!("Todo added: {id}"));
    client
        .post("/login", &serde_json::json!({}))
        .await
        .expect(200);
    process.log_until("User logged in");
    process.kill();
}

#[tokio::test]
async fn the_log_is_json_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let mut child = command()
        .args([
            "--port",
            "0",
            "--log-format",
            "json",
            "--log-level",
            "debug",
            "--database",
        ])
        .arg(&database)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let ready = lines.by_ref().find_map(|line| {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        (line["message"] == "ready").then_some(line)
    });
    let ready = ready.unwrap();
    let address = ready["url"].as_str().unwrap().trim_start_matches("http://");
    let client = Client::new(address.to_owned());
    let request = client.request(axum::http::Method::GET, "/users");
    let request = request.header("x-request-id", "my-own-id");
    let answer = client.send(request, "").await.expect(200);
    assert_eq!(answer.header("x-request-id"), "my-own-id");
    let line = lines.find_map(|line| {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        (line["message"] == "answered").then_some(line)
    });
    let line = line.unwrap();
    assert_eq!(line["status"], 200);
    assert_eq!(line["span"]["id"], "my-own-id");
    child.kill().unwrap();
    child.wait().unwrap();
}
