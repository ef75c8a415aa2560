use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A loop that ends when the process of the test ends, even if that process is killed.
const SPIN: &str =
    "echo spins; while kill -0 $PPID; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done";

/// Processes that keep every core of the machine busy until this is dropped. Two for each core.
pub(crate) struct Busy(Vec<Child>);

impl Busy {
    pub(crate) fn begin() -> Self {
        let cores = std::thread::available_parallelism().unwrap().get();
        let mut busy = Self(Vec::new());
        for _ in 0..2 * cores {
            let spin = Command::new("sh")
                .args(["-c", SPIN])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn();
            busy.0.push(spin.unwrap());
        }
        for spins in &mut busy.0 {
            let mut line = String::new();
            BufReader::new(spins.stdout.take().unwrap())
                .read_line(&mut line)
                .unwrap();
            assert_eq!(line, "spins\n");
        }
        busy
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for spins in &mut self.0 {
            let _ = spins.kill();
        }
        for spins in &mut self.0 {
            let _ = spins.wait();
        }
    }
}
