//! `todo lab`: runs experiments one after the other on the command line.

use std::fs::OpenOptions;
use std::future::{Future, pending};
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use todo_lab::{
    self, Event, Experiment, LabReport, Machine, Report, Scale, Settings, Users, svg, terminal,
};

/// The arguments of `todo lab`.
#[derive(Clone, Debug, Args)]
pub struct LabArgs {
    /// Which experiments, in this order; all of them by default
    #[arg(value_name = "EXPERIMENT", value_enum)]
    pub experiments: Vec<Experiment>,

    /// The factor for the length of every wait, from 0.01 to 1: 0.2 makes it a fifth
    #[arg(long, default_value_t = Scale::default())]
    pub scale: Scale,

    /// The number of users that wait at the same time in `crowd`, up to 10000
    #[arg(long, default_value_t = Users::default())]
    pub users: Users,

    /// Print JSON instead, for machines
    #[arg(long)]
    pub json: bool,

    /// Write the timelines to this file too, as one SVG picture
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// Why the command ended without a result.
#[derive(Debug)]
enum Stopped {
    /// By SIGTERM or Ctrl-C.
    Interrupted,
    Failed(String),
}

impl From<String> for Stopped {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

/// How long a cancelled experiment may take to end.
const ENDING: Duration = Duration::from_secs(3);

/// The exit code after an interruption. By the convention of shells it is 128 plus the number of
/// SIGINT.
const INTERRUPTED: u8 = 130;

/// Runs the experiments that were asked for.
pub(super) fn run(args: &LabArgs) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(try_run(args)),
        Err(error) => Err(format!("cannot start the runtime: {error}").into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stopped::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(Stopped::Failed(why)) => {
            let _ = writeln!(stderr(), "error: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn try_run(args: &LabArgs) -> Result<(), Stopped> {
    if let Some(file) = &args.svg {
        // Opening the file now reports an error before the experiments, which take a minute.
        let opened = OpenOptions::new().create(true).append(true).open(file);
        opened.map_err(|error| cannot_write(file, &error))?;
    }
    let mut interrupted = pin!(interrupted());
    let all = Experiment::ALL.to_vec();
    let asked_for = match args.experiments.is_empty() {
        true => all,
        false => args.experiments.clone(),
    };
    let colour =
        stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let mut reports = Vec::new();
    for experiment in asked_for {
        let report = run_one(experiment, args, interrupted.as_mut()).await?;
        if !args.json {
            print(&format!("{}\n", terminal::draw(&report, colour)))?;
        }
        reports.push(report);
    }
    if let Some(file) = &args.svg {
        write(file, &svg::draw(&reports))?;
    }
    if args.json {
        let report = LabReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: Machine::this(),
            scale: args.scale,
            users: args.users,
            experiments: reports,
        };
        let json = serde_json::to_string_pretty(&report);
        print(&format!("{}\n", json.map_err(|error| error.to_string())?))?;
    }
    Ok(())
}

async fn run_one(
    experiment: Experiment,
    args: &LabArgs,
    mut interrupted: Pin<&mut impl Future<Output = ()>>,
) -> Result<Report, Stopped> {
    let settings = Settings {
        scale: args.scale,
        users: args.users,
    };
    let mut progress = Progress::new(experiment);
    let running = todo_lab::start(experiment, settings, ());
    let mut running = running.map_err(|error| format!("cannot start a thread: {error}"))?;
    loop {
        let event = tokio::select! {
            event = running.next() => event,
            () = &mut interrupted => {
                // A cancelled experiment deletes its temporary files, so it gets time to end.
                let _ = tokio::time::timeout(ENDING, running.cancel()).await;
                return Err(Stopped::Interrupted);
            }
        };
        match event {
            Some(Event::Progress { what, done, of }) => {
                progress.show(&terminal::progress(&what, done, of));
            }
            Some(Event::Part { name, .. }) => progress.show(&name),
            Some(Event::Done { report }) => return Ok(*report),
            Some(Event::Failed { detail }) => return Err(format!("{experiment}: {detail}").into()),
            Some(_) => {}
            None => return Err(format!("{experiment} ended without a result").into()),
        }
    }
}

/// Ready at SIGTERM or Ctrl-C. A signal whose handler cannot be installed ends the program by
/// default.
async fn interrupted() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
}

fn print(text: &str) -> Result<(), String> {
    let printed = stdout().lock().write_all(text.as_bytes());
    printed.map_err(|error| format!("cannot print: {error}"))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| cannot_write(file, &error))
}

fn cannot_write(file: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {error}", file.display())
}

/// Shows progress on standard error. On a terminal it is one line that is overwritten. Elsewhere it
/// is one line for each experiment.
struct Progress {
    experiment: Experiment,
    terminal: bool,
}

impl Progress {
    fn new(experiment: Experiment) -> Self {
        let terminal = stderr().is_terminal();
        if !terminal {
            let _ = writeln!(stderr(), "{experiment} …");
        }
        Self {
            experiment,
            terminal,
        }
    }

    fn show(&mut self, text: &str) {
        if self.terminal {
            let _ = write!(stderr(), "\r\x1b[K{} … {text}", self.experiment);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
