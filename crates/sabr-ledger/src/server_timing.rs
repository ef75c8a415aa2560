//! The value of a `Server-Timing` header (W3C Server Timing): the phases and labels up to the head
//! of the response, for the network tab of a browser.

use std::fmt::Write;

use crate::phase::{Phase, Phases};
use crate::waits::WaitLog;

/// `waiting;dur=12.345, computing;dur=0.3, db;dur=12.3`. The durations are milliseconds, as the
/// specification recommends.
pub(crate) fn value(phases: &Phases, waits: &WaitLog) -> String {
    let mut text = String::new();
    for &phase in Phase::ALL {
        let nanos = phases.nanos(phase);
        if nanos > 0 {
            entry(&mut text, phase.as_str(), nanos);
        }
    }
    for label in waits.labels() {
        entry(&mut text, &token(label.label), label.union);
    }
    text
}

fn entry(text: &mut String, name: &str, nanos: u64) {
    let comma = if text.is_empty() { "" } else { ", " };
    let milliseconds = nanos as f64 / 1e6;
    // Writing to a String cannot fail.
    let _ = write!(text, "{comma}{name};dur={milliseconds:.3}");
}

/// The label as a token of RFC 9110, section 5.6.2: every other character becomes a hyphen.
fn token(label: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    label
        .chars()
        .map(|c| if allowed(c) { c } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_phases_and_labels_with_milliseconds() {
        let mut phases = Phases::default();
        phases.add(Phase::Waiting, 12_345_678);
        phases.add(Phase::Computing, 300_000);
        let mut waits = WaitLog::default();
        let id = waits.begin("the db", 0, 0, 0);
        waits.end(id, 12_000_000, true);
        assert_eq!(
            value(&phases, &waits),
            "waiting;dur=12.346, computing;dur=0.300, the-db;dur=12.000"
        );
    }
}
