//! What the watchdog says, and where.

use std::time::Duration;

use crate::ledger::snapshot::{Frame, StallSnapshot};

/// One thing to say.
#[derive(Clone, Debug)]
pub(crate) enum Report {
    /// A thread is inside one poll for too long, now.
    Stalled {
        stall: StallSnapshot,
        /// Stalls that were not reported since the last that was.
        suppressed: u64,
    },
    /// A stall that was reported is over.
    Ended { stall: StallSnapshot },
    /// The machine is too busy to say whose fault it is.
    Starved {
        method: &'static str,
        route: String,
        elapsed: Duration,
        thread: String,
    },
}

impl Report {
    /// Writes it to the log.
    pub(crate) fn log(&self) {
        match self {
            Self::Stalled { stall, suppressed } => tracing::warn!(
                of = %name(stall.method, &stall.route),
                ms = milliseconds(stall.duration),
                thread = stall.thread,
                state = stall.state,
                at = line(&stall.stack),
                suppressed = (*suppressed > 0).then_some(*suppressed),
                "a thread of the event loop is held: one poll has not come back yet",
            ),
            Self::Ended { stall } => tracing::warn!(
                of = %name(stall.method, &stall.route),
                ms = milliseconds(stall.duration),
                thread = stall.thread,
                "the thread of the event loop is free again",
            ),
            Self::Starved {
                method,
                route,
                elapsed,
                thread,
            } => tracing::debug!(
                of = %name(method, route),
                ms = milliseconds(elapsed.as_secs_f64()),
                thread,
                "a poll lasts, but the machine is too busy to blame it",
            ),
        }
    }
}

/// Where the code of the app is, or was last before it called others.
fn line(stack: &[Frame]) -> Option<String> {
    let frame = stack.iter().find(|frame| frame.own)?;
    Some(match (&frame.file, frame.line) {
        (Some(file), Some(line)) => format!("{file}:{line} ({})", frame.function),
        _ => frame.function.clone(),
    })
}

fn name(method: &str, route: &str) -> String {
    format!("{method} {route}")
}

/// A report is exact to a tick of the watchdog: digits behind the point would be noise.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from f64 saturates"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1e3).round() as u64
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::{Frame, Report, StallSnapshot};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(report: &Report) -> String {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || report.log());
        let bytes = log.0.lock().unwrap();
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }

    #[test]
    fn the_log_names_the_request_and_the_line() {
        let frame = |function: &str, line, own| Frame {
            function: function.to_owned(),
            file: Some("src/todos.rs".to_owned()),
            line: Some(line),
            own,
        };
        let stall = StallSnapshot {
            method: "GET",
            route: "/todos/{id}".to_owned(),
            began_at_ms: 0,
            duration: 0.1124,
            in_progress: true,
            thread: "worker".to_owned(),
            state: "blocked",
            stack: vec![frame("nanosleep", 1, false), frame("app::read", 42, true)],
        };
        let ended = Report::Ended {
            stall: stall.clone(),
        };
        let suppressed = 0;
        let once = Report::Stalled { stall, suppressed };
        assert_eq!(
            logged(&once),
            "WARN a thread of the event loop is held: one poll has not come back yet \
             of=GET /todos/{id} ms=112 thread=\"worker\" state=\"blocked\" \
             at=\"src/todos.rs:42 (app::read)\"",
        );
        let Report::Stalled { stall, .. } = once else {
            unreachable!("made above");
        };
        let suppressed = 3;
        let stack = Vec::new();
        let stall = StallSnapshot { stack, ..stall };
        let again = logged(&Report::Stalled { stall, suppressed });
        assert!(again.ends_with("state=\"blocked\" suppressed=3"), "{again}");
        assert_eq!(
            logged(&ended),
            "WARN the thread of the event loop is free again \
             of=GET /todos/{id} ms=112 thread=\"worker\"",
        );
    }
}
