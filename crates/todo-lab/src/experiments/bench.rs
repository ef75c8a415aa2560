//! What the experiments share: their access to the recorder, and their findings.

use std::time::Duration;

use sabr::Ledger;
use sabr::ledger::snapshot::EndpointDetail;
use tempfile::TempDir;

use crate::record::{LivePart, Recorder};
use crate::{LabError, Scale, Settings, Table};

/// How often the ledger is read, at intervals of a millisecond, until it must have counted an
/// answered request.
const SETTLED_TRIES: u32 = 5000;

/// The settings and the recorder of a run.
#[derive(Debug)]
pub(super) struct Bench<'run> {
    pub(super) settings: Settings,
    recorder: &'run Recorder,
}

/// The findings of an experiment.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) table: Table,
    pub(crate) said: [String; 2],
    /// What the ledger or its watchdog reported, word for word.
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

/// The ledger's finding about an endpoint: `GET /apart could overlap: …`.
pub(super) fn finding_line(endpoint: &EndpointDetail) -> String {
    let endpoint = &endpoint.endpoint;
    let (method, route, verdict) = (endpoint.method, &endpoint.route, &endpoint.verdict);
    format!("{method} {route} {}: {}.", verdict.title, verdict.finding)
}

/// The ledger's finding, the number of requests that it is based on, and the advice.
pub(super) fn verdict_line(endpoint: &EndpointDetail) -> String {
    let verdict = &endpoint.endpoint.verdict;
    let finding = finding_line(endpoint);
    let advice = verdict.advice.as_deref().unwrap_or_default();
    let line = format!("{finding} From {} requests. {advice}", verdict.sample);
    line.trim_end().to_owned()
}

/// Waits until the ledger has counted all requests of an endpoint, and returns the endpoint. The
/// ledger counts a request a moment after its response.
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

/// A folder for the files of one run. It is removed when it is dropped.
pub(super) fn scratch_folder() -> Result<TempDir, LabError> {
    tempfile::Builder::new()
        .prefix("todo-lab-")
        .tempdir()
        .map_err(LabError::io("make a folder for temporary files"))
}
