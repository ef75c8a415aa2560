//! The experiments, one file each. Each starts servers, sends requests to them as a client would,
//! and reports what it measured.

mod after;
mod bench;
mod crowd;
mod crunch;
mod database;
mod decide;
mod freeze;
mod sequence;

use std::time::Duration;

use super::record::Recorder;
use super::{Experiment, LabError, Settings};
use bench::Bench;

pub(super) use bench::Findings;

pub(super) async fn run(
    experiment: Experiment,
    settings: Settings,
    recorder: &Recorder,
) -> Result<Findings, LabError> {
    let bench = Bench::new(settings, recorder);
    match experiment {
        Experiment::Sequence => sequence::run(&bench).await,
        Experiment::Crowd => crowd::run(&bench).await,
        Experiment::Freeze => freeze::run(&bench).await,
        Experiment::Crunch => crunch::run(&bench).await,
        Experiment::After => after::run(&bench).await,
        Experiment::Decide => decide::run(&bench).await,
    }
}

/// The expected length of the longest part of the experiment's timeline.
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
