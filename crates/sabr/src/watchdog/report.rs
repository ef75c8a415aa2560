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
                request = %request(stall.method, &stall.route),
                ms = milliseconds(stall.duration),
                thread = stall.thread,
                state = stall.state,
                at = line(&stall.stack),
                suppressed = (*suppressed > 0).then_some(*suppressed),
                "a request holds its event loop thread: one poll has not come back yet",
            ),
            Self::Ended { stall } => tracing::warn!(
                request = %request(stall.method, &stall.route),
                ms = milliseconds(stall.duration),
                thread = stall.thread,
                "the request has let its event loop thread go",
            ),
            Self::Starved {
                method,
                route,
                elapsed,
                thread,
            } => tracing::debug!(
                request = %request(method, route),
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

fn request(method: &str, route: &str) -> String {
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
