//! Runs the commands of the guide to operations, in order.

use std::path::Path;
use std::process::Command;

use crate::process::Process;

const RUNNING: &str = "<!-- run while the service runs -->\n```console\n";
const STOPPED: &str = "<!-- run while the service is stopped -->\n```console\n";

fn block<'a>(guide: &'a str, mark: &str) -> &'a str {
    let (_, rest) = guide.split_once(mark).unwrap();
    rest.split_once("```").unwrap().0
}

fn check(session: &str, folder: &Path) {
    let (command, says) = session
        .strip_prefix("$ ")
        .unwrap()
        .split_once('\n')
        .unwrap();
    let todo = env!("CARGO_BIN_EXE_todo");
    let script = command.replacen("todo", todo, 1);
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder)
        .env_remove("TODO_DATABASE")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        says,
        "{command}: {errors}"
    );
}

#[test]
fn the_commands_of_the_guide_to_operations_print_what_it_says() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&folder.path().join("todo.db"), &[]);
    check(block(&guide, RUNNING), folder.path());
    process.kill();
    check(block(&guide, STOPPED), folder.path());
    let restored = Process::start(&folder.path().join("todo.db"), &[]);
    restored.kill();
}
