use std::fmt;

use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;

/// A group of numbers that the app shows beside those of the ledger.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GaugeGroup {
    /// The heading: `Group commits`.
    pub title: &'static str,
    /// The numbers.
    pub gauges: Vec<Gauge>,
}

/// One number of the app.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Gauge {
    /// What it counts: `writes in a commit, on average`.
    pub name: &'static str,
    /// The value.
    pub value: f64,
    /// `s`, `bytes`, or nothing for a plain count.
    pub unit: &'static str,
}

impl Gauge {
    /// One number.
    #[must_use]
    pub fn new(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self { name, value, unit }
    }
}

type Read = Box<dyn Fn() -> Vec<Gauge> + Send + Sync>;

/// The groups of one `Sabr`, each with the function that reads it.
#[derive(Default)]
pub(crate) struct Gauges(Mutex<Vec<(&'static str, Read)>>);

impl Gauges {
    pub(crate) fn add(&self, title: &'static str, read: Read) {
        self.lock().push((title, read));
    }

    pub(crate) fn read(&self) -> Vec<GaugeGroup> {
        let group = |(title, read): &(&'static str, Read)| GaugeGroup {
            title,
            gauges: read(),
        };
        self.lock().iter().map(group).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(&'static str, Read)>> {
        self.0.lock()
    }
}

impl fmt::Debug for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gauges").finish_non_exhaustive()
    }
}
