//! What experiments share: what they work with, and what they find.

use std::time::Duration;

use sabr::Ledger;
use sabr::ledger::snapshot::EndpointDetail;
use tempfile::TempDir;

use crate::record::{LivePart, Recorder};
use crate::{LabError, Scale, Settings, Table};

/// Tries, a millisecond apart, until the ledger must have a request that was answered.
const SETTLED_TRIES: u32 = 5000;

/// What an experiment works with.
#[derive(Debug)]
pub(super) struct Bench<'run> {
    pub(super) settings: Settings,
    recorder: &'run Recorder,
}

/// What an experiment found.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) table: Table,
    pub(crate) said: [String; 2],
    /// What the ledger or its watchdog said, word for word.
    pub(crate) ledger: Vec<String>,
}

impl<'run> Bench<'run> {
    pub(super) fn new(settings: Settings, recorder: &'run Recorder) -> Self {
        Self { settings, recorder }
    }

    pub(super) fn scale(&self) -> Scale {
        self.settings.scale
    }

    pub(super) fn part(&self, name: &str) -> LivePart {
        self.recorder.part(name)
    }

    pub(super) fn progress(&self, what: &str, done: usize, of: usize) {
        self.recorder.progress(what, done, of);
    }

    pub(super) fn figure(&self, name: &'static str, value: f64) {
        self.recorder.figure(name, value);
    }
}

/// What the ledger found of an endpoint: `GET /apart could overlap: …`.
pub(super) fn finding_line(endpoint: &EndpointDetail) -> String {
    let endpoint = &endpoint.endpoint;
    let (method, route, verdict) = (endpoint.method, &endpoint.route, &endpoint.verdict);
    format!("{method} {route} {}: {}.", verdict.title, verdict.finding)
}

/// And on how many requests that stands, and what to do.
pub(super) fn verdict_line(endpoint: &EndpointDetail) -> String {
    let verdict = &endpoint.endpoint.verdict;
    let finding = finding_line(endpoint);
    let advice = verdict.advice.as_deref().unwrap_or_default();
    let line = format!("{finding} From {} requests. {advice}", verdict.sample);
    line.trim_end().to_owned()
}

/// An endpoint once all of its requests are in the ledger, which is a moment after their answers.
pub(super) async fn settled(ledger: &Ledger, route: &str) -> Result<EndpointDetail, LabError> {
    for _ in 0..SETTLED_TRIES {
        let endpoint = ledger.endpoint("GET", route);
        let endpoint = endpoint.filter(|endpoint| endpoint.endpoint.in_flight == 0);
        if let Some(endpoint) = endpoint {
            return Ok(endpoint);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Err(LabError::Unsettled)
}

/// A folder for the files of one run, which is removed when this is dropped.
pub(super) fn scratch_folder() -> Result<TempDir, LabError> {
    tempfile::Builder::new()
        .prefix("todo-lab-")
        .tempdir()
        .map_err(LabError::io("make a folder for temporary files"))
}
