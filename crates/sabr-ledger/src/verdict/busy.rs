//! Whether the machine had other work, and what that changes.

use crate::phase::Phase;
use crate::window::Window;

/// Multiplies the required share of blocked requests when the machine is busy, because short sleeps
/// then overrun by milliseconds.
pub(super) const BUSY_FACTOR: f64 = 5.0;

/// Whether the machine ran other threads for more than a fifth of the time in which this code could
/// have run. Such a machine also wakes sleeping threads late.
pub(super) fn is_machine_busy(window: &Window) -> bool {
    let [computing, blocked, preempted] = [Phase::Computing, Phase::Blocked, Phase::Preempted]
        .map(|phase| window.phases.nanos(phase));
    preempted * 5 > computing + blocked + preempted
}
