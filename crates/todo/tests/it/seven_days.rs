//! Runs the commands of the guide unchanged, and checks that they print what the guide shows,
//! except for the numbers.

use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::process::Process;

/// A block of the guide: a shell session, and the service that it needs, if any.
struct Session<'a> {
    service: Option<&'a str>,
    text: &'a str,
}

fn sessions(guide: &str) -> Vec<Session<'_>> {
    let mut before = guide;
    let mut found = Vec::new();
    while let Some((above, rest)) = before.split_once("```console\n") {
        let (text, after) = rest.split_once("```").unwrap();
        let marked = above.trim_end().lines().next_back().unwrap_or("");
        let service = marked.strip_prefix("<!-- todo");
        let service = service.map(|arguments| arguments.trim_end_matches("-->").trim());
        found.push(Session { service, text });
        before = after;
    }
    found
}

/// Replaces each number with its unit by a placeholder, and white space by a single space. Why
/// white space: the line breaks depend on the numbers.
fn shape(text: &str) -> String {
    let number = Regex::new(r"\d[\d,.]*( (ms|µs|s|MB|KB)\b)?").unwrap();
    let space = Regex::new(r"\s+").unwrap();
    let text = number.replace_all(text, "#");
    space.replace_all(&text, " ").trim().to_owned()
}

fn run(command: &str, address: Option<&str>) -> String {
    let todo = env!("CARGO_BIN_EXE_todo");
    let command = command.replace("cargo run -q --release -p todo --", todo);
    let command = command.replace("127.0.0.1:8000", address.unwrap_or("127.0.0.1:8000"));
    let output = Command::new("bash")
        .args(["-c", &command])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_command_of_the_guide_prints_what_it_says() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/async-in-seven-days.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let sessions = sessions(&guide);
    assert_eq!(sessions.len(), 7, "a command for each day");
    for Session { service, text } in sessions {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("todo.db");
        let process = service.map(|arguments| {
            let arguments: Vec<_> = arguments.split_whitespace().collect();
            Process::start(&database, &arguments)
        });
        let address = process.as_ref().map(|process| process.address.as_str());
        for part in text.split("$ ").filter(|part| !part.is_empty()) {
            let (command, says) = part.split_once('\n').unwrap();
            let printed = run(command, address);
            for paragraph in says.split("\n\n") {
                let (printed, says) = (shape(&printed), shape(paragraph));
                assert!(
                    printed.contains(&says),
                    "{command}\nis to print\n{says}\nand prints\n{printed}"
                );
            }
        }
        if let Some(process) = process {
            process.kill();
        }
    }
}
