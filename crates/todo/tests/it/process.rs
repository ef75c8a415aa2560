//! The service as a separate process, for tests of signals, crashes and logs.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};

/// A running `todo` on a free port.
pub(crate) struct Process {
    pub address: String,
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// `None` if the log goes elsewhere.
    stderr: Option<BufReader<ChildStderr>>,
}

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_todo"));
    // The environment variables of the caller must not configure the service.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TODO_") {
            command.env_remove(name);
        }
    }
    command
}

/// Sends a signal to a process. The name is that of the `kill` command.
pub(crate) fn signal(process: u32, name: &str) {
    let process = process.to_string();
    let sent = Command::new("kill").args(["-s", name, &process]).status();
    assert!(sent.unwrap().success());
}

impl Process {
    /// Starts the process, and waits until it prints its address.
    pub(crate) fn start(database: &Path, arguments: &[&str]) -> Self {
        Self::start_with(database, arguments, &[])
    }

    /// As [`Process::start`], with these environment variables.
    pub(crate) fn start_with(
        database: &Path,
        arguments: &[&str],
        variables: &[(&str, &Path)],
    ) -> Self {
        let mut command = command();
        command
            .envs(variables.iter().copied())
            .stderr(Stdio::piped());
        Self::spawn(command, database, arguments)
    }

    /// As [`Process::start`], with the log written to this output.
    pub(crate) fn start_with_log(database: &Path, arguments: &[&str], log: Stdio) -> Self {
        let mut command = command();
        command.stderr(log);
        Self::spawn(command, database, arguments)
    }

    fn spawn(mut command: Command, database: &Path, arguments: &[&str]) -> Self {
        let mut child = command
            .args(["--port", "0", "--database"])
            .arg(database)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().map(BufReader::new);
        let mut greeting = String::new();
        stdout.read_line(&mut greeting).unwrap();
        let address = greeting.split("browser http://").nth(1);
        let address = address.and_then(|rest| rest.split('/').next());
        let Some(address) = address else {
            let mut errors = String::new();
            if let Some(stderr) = &mut stderr {
                let _ = stderr.read_to_string(&mut errors);
            }
            panic!("no greeting: {greeting:?}; {errors}");
        };
        Self {
            address: address.to_owned(),
            child,
            stdout,
            stderr,
        }
    }

    /// Sends a signal to the process. The name is that of the `kill` command.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits until the process ends, without reading its output.
    pub(crate) fn exit_code(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Kills the process with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Reads the log up to the first line that contains `part`.
    pub(crate) fn log_until(&mut self, part: &str) -> String {
        let stderr = self.stderr.as_mut().unwrap();
        let mut log = String::new();
        loop {
            let begin = log.len();
            if stderr.read_line(&mut log).unwrap() == 0 {
                panic!("the log ended without {part:?}:\n{log}");
            }
            if log[begin..].contains(part) {
                return log;
            }
        }
    }

    /// Waits until the process ends. Returns its exit status, the rest of its output, and the rest
    /// of its log.
    pub(crate) fn end(mut self) -> (ExitStatus, String, String) {
        let (mut out, mut log) = (String::new(), String::new());
        let mut stderr = self.stderr.take().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        self.stdout.read_to_string(&mut out).unwrap();
        (self.child.wait().unwrap(), out, log)
    }
}

impl Drop for Process {
    /// Kills the process. Why: a failed test must not leave the service running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
