//! Runs one experiment: its thread, its runtime, its events, and its cancellation.

use std::convert::Infallible;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};

use super::experiments::{self, Findings};
use super::record::Recorder;
use super::{Event, Experiment, LabError, Report, Settings};

/// The largest number of events that wait to be read. Further events are dropped, so a slow reader
/// misses steps of the timeline.
const EVENTS_MAX: usize = 4096;

/// The number of threads of the runtime in which the clients of an experiment run.
const CLIENT_THREADS: usize = 2;

/// A running experiment. Dropping it cancels the run.
#[derive(Debug)]
pub struct Running {
    events: mpsc::Receiver<Event>,
    cancel: Option<oneshot::Sender<Infallible>>,
}

impl Running {
    /// The next event; `None` after the end.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Cancels the run, and waits until its thread has ended.
    pub async fn cancel(&mut self) {
        self.cancel = None;
        while self.events.recv().await.is_some() {}
    }
}

/// Runs an experiment on a new thread. `keep` is dropped at the end of that thread.
///
/// # Errors
///
/// When the thread cannot be started.
pub fn start(
    experiment: Experiment,
    settings: Settings,
    keep: impl Send + 'static,
) -> io::Result<Running> {
    let (events, received) = mpsc::channel(EVENTS_MAX);
    let (cancel, cancelled) = oneshot::channel();
    thread::Builder::new()
        .name("lab".to_owned())
        .spawn(move || {
            let _keep = keep;
            // An experiment starts and stops many servers, whose events would flood the log.
            let _quiet = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
            let last = run(experiment, settings, &events, cancelled);
            if let Some(last) = last {
                // An error means that the reader was dropped. Nobody needs the last event then.
                let _ = events.blocking_send(last);
            }
        })?;
    Ok(Running {
        events: received,
        cancel: Some(cancel),
    })
}

/// Runs the experiment. Returns its last event, or `None` if the run was cancelled.
fn run(
    experiment: Experiment,
    settings: Settings,
    events: &mpsc::Sender<Event>,
    cancelled: oneshot::Receiver<Infallible>,
) -> Option<Event> {
    let _ = events.try_send(Event::Started {
        experiment,
        question: experiment.question(),
        scale: settings.scale,
        users: settings.users,
        horizon: experiments::horizon(experiment, settings).as_secs_f64(),
    });
    let recorder = Recorder::new(events.clone());
    let began = Instant::now();
    let found = catch_unwind(AssertUnwindSafe(|| {
        let runtime = client_runtime()?;
        let found = runtime.block_on(async {
            tokio::select! {
                found = experiments::run(experiment, settings, &recorder) => Some(found),
                _ = cancelled => None,
            }
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        found.transpose()
    }));
    let found = found.unwrap_or(Err(LabError::Panicked));
    match found.transpose()? {
        Ok(found) => Some(Event::Done {
            report: Box::new(report(experiment, settings, &recorder, found, began)),
        }),
        Err(error) => Some(Event::Failed {
            detail: error.to_string(),
        }),
    }
}

fn report(
    experiment: Experiment,
    settings: Settings,
    recorder: &Recorder,
    found: Findings,
    began: Instant,
) -> Report {
    let kept = recorder.snapshot();
    Report {
        experiment,
        question: experiment.question().to_owned(),
        scale: settings.scale,
        seconds: began.elapsed().as_secs_f64(),
        timeline: kept.timeline,
        table: found.table,
        said: found.said.to_vec(),
        ledger: found.ledger,
        figures: kept.figures,
    }
}

fn client_runtime() -> Result<Runtime, LabError> {
    Builder::new_multi_thread()
        .worker_threads(CLIENT_THREADS)
        .thread_name("lab-clients")
        .enable_all()
        .build()
        .map_err(LabError::io("start the clients' threads"))
}
