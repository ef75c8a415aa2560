//! Durations by status, in the buckets of OpenTelemetry's `http.server.request.duration`.

use super::BOUNDARIES;
use crate::ledger::trace::seconds;

/// The most statuses of one endpoint; further ones share the last place.
const MOST: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Statuses(Vec<StatusTimes>);

/// All requests that ended alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatusTimes {
    /// `None` where there was no response.
    pub(crate) status: Option<u16>,
    /// What is called `error.type`: the status from 500 up, `cancelled` or `panicked`.
    pub(crate) error: Option<&'static str>,
    /// One more than there are boundaries.
    pub(crate) counts: [u64; BOUNDARIES.len() + 1],
    pub(crate) sum: f64,
}

impl Statuses {
    pub(crate) fn record(&mut self, status: Option<u16>, error: Option<&'static str>, nanos: u64) {
        let known = self
            .0
            .iter()
            .position(|times| times.status == status && times.error == error);
        let at = known.unwrap_or_else(|| {
            if self.0.len() == MOST {
                return MOST - 1;
            }
            self.0.push(StatusTimes {
                status,
                error,
                counts: [0; BOUNDARIES.len() + 1],
                sum: 0.0,
            });
            self.0.len() - 1
        });
        let duration = seconds(nanos);
        let bucket = BOUNDARIES.partition_point(|boundary| *boundary < duration);
        let times = &mut self.0[at];
        times.counts[bucket] += 1;
        times.sum += duration;
    }

    pub(crate) fn times(&self) -> Vec<StatusTimes> {
        self.0.clone()
    }
}
