//! The experiments, one a file: each serves what it measures, asks it as a client would, and says what it saw.

mod after;
mod crowd;
mod crunch;
mod database;
mod decide;
mod freeze;
mod sequence;

use std::time::Duration;

use sabr::Ledger;
use sabr::ledger::snapshot::EndpointDetail;
use tempfile::TempDir;

use super::record::{LivePart, Recorder};
use super::{Experiment, LabError, Scale, Settings, Table};

/// Tries, a millisecond apart, until the ledger must have a request that was answered.
const SETTLED_TRIES: u32 = 5000;

/// What an experiment works with.
#[derive(Debug)]
pub(super) struct Bench<'run> {
    settings: Settings,
    recorder: &'run Recorder,
}

/// What an experiment found.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) table: Table,
    pub(super) said: [String; 2],
    /// What the ledger or its watchdog said, word for word.
    pub(super) ledger: Vec<String>,
}

pub(super) async fn run(
    experiment: Experiment,
    settings: Settings,
    recorder: &Recorder,
) -> Result<Findings, LabError> {
    let bench = Bench { settings, recorder };
    match experiment {
        Experiment::Sequence => sequence::run(&bench).await,
        Experiment::Crowd => crowd::run(&bench).await,
        Experiment::Freeze => freeze::run(&bench).await,
        Experiment::Crunch => crunch::run(&bench).await,
        Experiment::After => after::run(&bench).await,
        Experiment::Decide => decide::run(&bench).await,
    }
}

/// About how long the longest part of its timeline will be.
pub(super) fn horizon(experiment: Experiment, settings: Settings) -> Duration {
    let scale = settings.scale;
    match experiment {
        Experiment::Sequence => sequence::horizon(scale),
        Experiment::Crowd => crowd::horizon(settings),
        Experiment::Freeze => freeze::horizon(scale),
        Experiment::Crunch => crunch::horizon(scale),
        Experiment::After => after::horizon(scale),
        Experiment::Decide => decide::horizon(scale),
    }
}

impl Bench<'_> {
    fn scale(&self) -> Scale {
        self.settings.scale
    }

    fn part(&self, name: &str) -> LivePart {
        self.recorder.part(name)
    }

    fn progress(&self, what: &str, done: usize, of: usize) {
        self.recorder.progress(what, done, of);
    }

    fn figure(&self, name: &'static str, value: f64) {
        self.recorder.figure(name, value);
    }
}

/// What the ledger found of an endpoint: `GET /apart could overlap: …`.
fn finding_line(endpoint: &EndpointDetail) -> String {
    let endpoint = &endpoint.endpoint;
    let (method, route, verdict) = (endpoint.method, &endpoint.route, &endpoint.verdict);
    format!("{method} {route} {}: {}.", verdict.title, verdict.finding)
}

/// And on how many requests that stands, and what to do.
fn verdict_line(endpoint: &EndpointDetail) -> String {
    let verdict = &endpoint.endpoint.verdict;
    let finding = finding_line(endpoint);
    let advice = verdict.advice.as_deref().unwrap_or_default();
    let line = format!("{finding} From {} requests. {advice}", verdict.sample);
    line.trim_end().to_owned()
}

/// An endpoint once all of its requests are in the ledger, which is a moment after their answers.
async fn settled(ledger: &Ledger, route: &str) -> Result<EndpointDetail, LabError> {
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
fn scratch_folder() -> Result<TempDir, LabError> {
    tempfile::Builder::new()
        .prefix("todo-lab-")
        .tempdir()
        .map_err(LabError::io("make a folder for temporary files"))
}
