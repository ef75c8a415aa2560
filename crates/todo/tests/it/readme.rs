//! Runs the README's curl session, and checks that it prints what the README shows.

use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::process::Process;

/// Replaces ids and times, which differ from run to run, with placeholders.
fn timeless(text: &str) -> String {
    let id = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let time = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").unwrap();
    time.replace_all(&id.replace_all(text, "ID"), "TIME")
        .into_owned()
}

#[test]
fn the_curl_session_prints_what_the_readme_says() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let sessions = readme.split("```console\n").skip(1);
    let session = sessions
        .filter_map(|rest| rest.split("```").next())
        .find(|session| session.contains("curl"))
        .unwrap();
    let commands: Vec<_> = session
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .collect();

    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&folder.path().join("todo.db"), &["--log-level", "off"]);
    // The script also prints each command, as a terminal shows it.
    let script: String = commands
        .iter()
        .map(|command| format!("cat <<'SHOW'\n$ {command}\nSHOW\n{command}\n"))
        .collect();
    let script = script.replace("127.0.0.1:8000", &process.address);
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    let found = found.replace(&process.address, "127.0.0.1:8000");
    // Responses do not end with a line break, so the next command follows on the same line.
    let found = found.replace("}$ ", "}\n$ ").replace("]$ ", "]\n$ ");
    process.kill();
    assert_eq!(timeless(found.trim_end()), timeless(session.trim_end()));
}
