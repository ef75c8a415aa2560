//! If a writing process is killed, all writes that were answered are in the file.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::database::{in_folder, insert, texts};

const FOLDER: &str = "SABR_SQLITE_KILL_FOLDER";

/// Not a test by itself. Another test runs it as the process that is killed.
#[tokio::test]
async fn child_that_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let path = std::path::Path::new(&folder).join("test.db");
    let db = sabr_sqlite::Database::options(path).open().unwrap();
    for n in 0.. {
        insert(&db, &format!("{n:06}")).await.unwrap();
        println!("\nanswered {n:06}");
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    drop(in_folder(&folder).open().unwrap());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "kill::child_that_writes_until_it_is_killed",
        ])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered = Vec::new();
    for line in lines.map_while(Result::ok) {
        if let Some(n) = line.strip_prefix("answered ") {
            answered.push(n.to_owned());
        }
        if answered.len() == 100 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(answered.len() >= 100);
    let db = in_folder(&folder).open().unwrap();
    let found = texts(&db).await;
    assert_eq!(found[..answered.len()], answered[..]);
}
