//! The database and the log are on a small disk that is full. The test needs the right to mount a
//! file system. `sabr-sqlite` tests the same without that right, by a limit on the database's
//! pages.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use axum::http::header;
use serde_json::json;
use tempfile::TempDir;

use crate::process::Process;
use crate::server::Client;

struct Disk(TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2M", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Self(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A lazy unmount, because a failed test may have left files open.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    while file.write(&[0; 4096]).is_ok() {}
}

#[tokio::test]
async fn a_full_disk_is_said_to_be_full_and_works_again_once_there_is_room() {
    let Some(disk) = Disk::mount() else {
        return;
    };
    let folder = disk.0.path();
    let log = File::create(folder.join("log")).unwrap();
    let process = Process::start_with_log(&folder.join("todo.db"), &[], log.into());
    let client = Client::new(process.address.clone());
    let todo = json!({ "title": "x" });
    client.post("/todos", &todo).await.expect(201);
    for _ in 0..2 {
        fill(&folder.join("filler"));
        // `/readyz` detects the full disk before any write was tried.
        let unready = client.get("/readyz").await.expect(503).json();
        assert_eq!(
            unready["detail"],
            "the disk that holds the database is full"
        );
        for _ in 0..3 {
            let refused = client.post("/todos", &todo).await.expect(507);
            assert_eq!(refused.json()["type"], "/problems/disk-full");
            assert_eq!(refused.header(header::RETRY_AFTER), "10");
        }
        client.get("/todos").await.expect(200);
        std::fs::remove_file(folder.join("filler")).unwrap();
        client.get("/readyz").await.expect(200);
        client.post("/todos", &todo).await.expect(201);
    }
    let todos = client.get("/todos").await.expect(200).json();
    assert_eq!(todos.as_array().unwrap().len(), 3);
    process.signal("TERM");
    assert_eq!(process.exit_code(), Some(0));
}
