//! Processes that serve requests and are measured.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A process that serves. It is killed when this value is dropped.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Where it listens.
    pub(crate) address: String,
    child: Child,
}

impl Peer {
    /// Starts the `todo` that was built beside this program.
    pub(crate) fn todo(arguments: &[&str]) -> Self {
        let mut command = Command::new(beside("todo"));
        command.args(["--port", "0"]).args(arguments);
        Self::start(command)
    }

    /// Starts a bare axum server that answers a constant of this many bytes.
    pub(crate) fn constant(size: usize) -> Self {
        let mut command = Command::new(beside("bench"));
        command.args(["constant", &size.to_string()]);
        Self::start(command)
    }

    /// Starts a server with Sabr. It has one route with a background task and one without.
    pub(crate) fn tasks() -> Self {
        let mut command = Command::new(beside("bench"));
        command.arg("tasks-server");
        Self::start(command)
    }

    /// Starts the same server with FastAPI on uvicorn, if both are installed.
    pub(crate) fn fastapi() -> Option<Self> {
        let mut command = Command::new("python3");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/fastapi_peer.py"));
        let probe = Command::new("python3")
            .args(["-c", "import fastapi, uvicorn"])
            .output();
        let installed = probe.is_ok_and(|probe| probe.status.success());
        installed.then(|| Self::start(command))
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the peer can be started");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output was asked for");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the peer says where it is");
        let address = line.split("http://").nth(1);
        let address = address.and_then(|rest| rest.split('/').next());
        Self {
            address: address.expect("the peer says where it is").to_owned(),
            child,
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves a constant of this many bytes on bare axum.
pub(crate) async fn serve_constant(size: usize) {
    use axum::routing::get;

    let body: &'static [u8] = vec![b'x'; size].leak();
    let json = [("content-type", "application/json")];
    let router = axum::Router::new().route("/todos/{id}", get(async move || (json, body)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    println!("http://{address}/");
    axum::serve(listener, router).await.expect("it serves");
}

fn beside(name: &str) -> PathBuf {
    let path = std::env::current_exe().expect("this program is a file");
    let path = path.with_file_name(name);
    assert!(
        path.exists(),
        "{} is missing; build it with `cargo build --release --workspace`",
        path.display()
    );
    path
}
