use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal, stderr};
use std::panic;

use tracing_subscriber::EnvFilter;

use super::LogFormat;
use super::output::Output;

/// Starts the log, and sends panics to it. Events before this call are lost.
pub(super) fn init(format: LogFormat, level: &str, output: Output) {
    let filter = EnvFilter::new(level);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || output.clone())
        // Why: tracing-subscriber prints these errors with `eprintln`, which panics when standard
        // error is closed.
        .log_internal_errors(false)
        .with_ansi(stderr().is_terminal());
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    // Why: the standard library's hook writes to standard error directly, and blocks if nobody
    // reads from it.
    panic::set_hook(Box::new(|panic| {
        let backtrace = Backtrace::capture();
        let backtrace = (backtrace.status() == BacktraceStatus::Captured).then_some(backtrace);
        let backtrace = backtrace.as_ref().map(tracing::field::display);
        tracing::error!(%panic, backtrace, "a thread panicked");
    }));
}
