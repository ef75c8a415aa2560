use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::snapshot::{Gauge, GaugeGroup};

type Read = Box<dyn Fn() -> Vec<Gauge> + Send + Sync>;

/// What the app shows beside the ledger.
#[derive(Default)]
pub(crate) struct Gauges(Mutex<Vec<(&'static str, Read)>>);

impl Gauges {
    pub(super) fn add(&self, title: &'static str, read: Read) {
        self.lock().push((title, read));
    }

    pub(super) fn read(&self) -> Vec<GaugeGroup> {
        let group = |(title, read): &(&'static str, Read)| GaugeGroup {
            title,
            gauges: read(),
        };
        self.lock().iter().map(group).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(&'static str, Read)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gauges").finish_non_exhaustive()
    }
}
