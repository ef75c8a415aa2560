use std::time::Instant;

use crate::peer::Peer;
use crate::rounds::median;

pub(crate) async fn run(times: u32) {
    let folder = tempfile::tempdir_in(".").expect("a folder can be made here");
    let file = folder.path().join("todo.db").display().to_string();
    let mut starts = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        let todo = Peer::todo(&["--database", &file]);
        starts.push(begun.elapsed().as_secs_f64() * 1e3);
        memory.push(resident_mib(todo.pid()));
    }
    println!(
        "from start to greeting: {:.1} ms (median of {times})",
        median(starts.into_iter())
    );
    println!(
        "resident memory, idle:  {:.1} MiB",
        median(memory.into_iter())
    );
}

/// `VmRSS` of Linux's `/proc/PID/status`.
fn resident_mib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("Linux has /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: f64 = kib
        .and_then(|kib| kib.parse().ok())
        .expect("it is a number");
    kib / 1024.0
}
