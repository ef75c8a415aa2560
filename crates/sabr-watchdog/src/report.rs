use std::time::Duration;

use crate::stall::{Frame, Name, Stall};

/// One report of a watchdog.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Report {
    /// A poll lasts longer than the limit. It has not returned yet.
    Stalled {
        /// The stall.
        stall: Stall,
        /// The number of stalls that the rate limit suppressed since the last report.
        suppressed: u64,
    },
    /// A poll that was reported has returned.
    Ended {
        /// The stall.
        stall: Stall,
    },
    /// A poll lasts longer than the limit, but the machine was busy for most of that time.
    Starved {
        /// What is polled.
        name: Name,
        /// How long the poll has lasted.
        elapsed: Duration,
        /// The name of the thread.
        thread: String,
    },
}

impl Report {
    /// Writes the report to the log, through `tracing`.
    pub fn log(&self) {
        match self {
            Self::Stalled { stall, suppressed } => tracing::warn!(
                of = %stall.name,
                ms = milliseconds(stall.duration),
                thread = stall.thread,
                state = stall.state.as_str(),
                at = line(&stall.stack),
                suppressed = (*suppressed > 0).then_some(*suppressed),
                "a thread of the event loop is held: one poll has not come back yet",
            ),
            Self::Ended { stall } => tracing::warn!(
                of = %stall.name,
                ms = milliseconds(stall.duration),
                thread = stall.thread,
                "the thread of the event loop is free again",
            ),
            Self::Starved {
                name,
                elapsed,
                thread,
            } => tracing::debug!(
                of = %name,
                ms = milliseconds(*elapsed),
                thread,
                "a poll lasts, but the machine is too busy to blame it",
            ),
        }
    }
}

/// The innermost call that is code of the app.
fn line(stack: &[Frame]) -> Option<String> {
    let frame = stack.iter().find(|frame| frame.own)?;
    Some(match (&frame.file, frame.line) {
        (Some(file), Some(line)) => format!("{file}:{line} ({})", frame.function),
        _ => frame.function.clone(),
    })
}

/// Rounded, because a report is exact to one tick of the watchdog.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from((duration + Duration::from_micros(500)).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Arc;

    use std::time::{Duration, SystemTime};

    use parking_lot::Mutex;

    use super::{Frame, Name, Report, Stall};
    use crate::stall::ThreadState;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
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
        let bytes = log.0.lock();
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
        let stall = Stall {
            name: Name {
                kind: "GET",
                name: "/todos/{id}".to_owned(),
            },
            began_at: SystemTime::UNIX_EPOCH,
            duration: Duration::from_micros(112_400),
            in_progress: true,
            thread: "worker".to_owned(),
            state: ThreadState::Blocked,
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
        let stall = Stall { stack, ..stall };
        let again = logged(&Report::Stalled { stall, suppressed });
        assert!(again.ends_with("state=\"blocked\" suppressed=3"), "{again}");
        assert_eq!(
            logged(&ended),
            "WARN the thread of the event loop is free again \
             of=GET /todos/{id} ms=112 thread=\"worker\"",
        );
    }
}
