use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

use super::LogFormat;

/// Starts the log, on standard error. What was logged before is lost, so this comes first.
pub(super) fn init(format: LogFormat, level: &str) {
    let filter = EnvFilter::new(level);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
