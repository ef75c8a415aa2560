//! Durations by response status, in the buckets of OpenTelemetry's `http.server.request.duration`.

use super::boundaries::DURATION_BOUNDARIES;
use crate::time::seconds;

/// The most combinations of status and error of one endpoint. Further ones are counted in the last.
const MAX_STATUSES: usize = 16;

/// The number of [`DURATION_BOUNDARIES`].
const BOUNDARIES: usize = DURATION_BOUNDARIES.len();

#[derive(Debug, Default)]
pub(crate) struct Statuses(Vec<StatusTimes>);

/// The durations of the requests of one endpoint that ended with the same status and error. After
/// 16 combinations, the last one also counts all others.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StatusTimes {
    /// The status; `None` if there was no response.
    pub status: Option<u16>,
    /// `failed`, `panicked` or `cancelled`; `None` for the others. See
    /// [`RequestOutcome::error`](crate::RequestOutcome::error).
    pub error: Option<&'static str>,
    /// Requests up to each of the [`DURATION_BOUNDARIES`], and in the last place those over all of
    /// them. Not cumulative.
    pub counts: [u64; BOUNDARIES + 1],
    /// The sum of the durations, in seconds.
    pub sum: f64,
}

impl Statuses {
    pub(crate) fn record(&mut self, status: Option<u16>, error: Option<&'static str>, nanos: u64) {
        let known = self
            .0
            .iter()
            .position(|times| times.status == status && times.error == error);
        let at = known.unwrap_or_else(|| {
            if self.0.len() == MAX_STATUSES {
                return MAX_STATUSES - 1;
            }
            self.0.push(StatusTimes {
                status,
                error,
                counts: [0; BOUNDARIES + 1],
                sum: 0.0,
            });
            self.0.len() - 1
        });
        let duration = seconds(nanos);
        let bucket = DURATION_BOUNDARIES.partition_point(|boundary| *boundary < duration);
        let times = &mut self.0[at];
        times.counts[bucket] += 1;
        times.sum += duration;
    }

    pub(crate) fn times(&self) -> Vec<StatusTimes> {
        self.0.clone()
    }
}
