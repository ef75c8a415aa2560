//! Processes that keep the machine busy beside the handlers.

use std::process::{Child, Command};

/// Spinning processes, which end when this is dropped.
pub(crate) struct Spinners(Vec<Child>);

impl Spinners {
    pub(crate) fn start(count: usize) -> Self {
        let spinner = |_| {
            let mut shell = Command::new("sh");
            shell.args(["-c", "while :; do :; done"]);
            shell.spawn().expect("a shell to spin in")
        };
        Self((0..count).map(spinner).collect())
    }
}

impl Drop for Spinners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            drop(child.kill());
            drop(child.wait());
        }
    }
}
