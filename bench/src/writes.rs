use crate::Load;
use crate::peer::Peer;
use crate::rounds;

/// The request body: a todo of ordinary size.
const BODY: &str = r#"{"title":"buy oat milk, two litres","notes":"the one without sugar"}"#;

pub(crate) async fn run(load: Load) {
    // Why not in /tmp: it may be in memory, and a durable write needs a disk.
    let folder = tempfile::tempdir_in(".").expect("a folder can be made here");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let log = ["--log-level", &load.log_level];
    let start = |arguments: &[&str]| Peer::todo(&[arguments, &log].concat());
    let group = start(&["--database", &file("group.db")]);
    let each = start(&["--database", &file("each.db"), "--batch-size", "1"]);
    let memory = start(&["--database", ":memory:"]);
    let contender = |name, peer| (name, peer, request(peer));
    let contenders = [
        contender("durable, group commit", &group),
        contender("durable, one commit each", &each),
        contender("in memory", &memory),
    ];
    rounds::run(&load, &contenders).await;
}

fn request(peer: &Peer) -> String {
    format!(
        "POST /todos HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        peer.address,
        BODY.len()
    )
}
