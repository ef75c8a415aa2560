//! `todo lab`: the experiments, one after the other, on the command line.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::lab::{
    self, Event, Experiment, LabReport, Machine, Report, Scale, Settings, Users, svg, terminal,
};

/// The arguments of `todo lab`.
#[derive(Clone, Debug, Args)]
pub struct LabArgs {
    /// Which experiments, in this order; all of them unless told otherwise
    #[arg(value_name = "EXPERIMENT", value_enum)]
    pub experiments: Vec<Experiment>,

    /// Shorten every wait: 0.2 makes a fifth of it; from 0.01 to 1
    #[arg(long, default_value_t = Scale::default())]
    pub scale: Scale,

    /// How many wait at the same time in `crowd`, up to 10000
    #[arg(long, default_value_t = Users::default())]
    pub users: Users,

    /// Print JSON instead, for machines
    #[arg(long)]
    pub json: bool,

    /// Write the timelines to this file too, as one SVG picture
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// Runs the experiments that were asked for.
pub(super) fn run(args: &LabArgs) -> ExitCode {
    match try_run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn try_run(args: &LabArgs) -> Result<(), String> {
    let all = Experiment::ALL.to_vec();
    let asked_for = match args.experiments.is_empty() {
        true => all,
        false => args.experiments.clone(),
    };
    let colour =
        stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let mut reports = Vec::new();
    for experiment in asked_for {
        let report = run_one(experiment, args)?;
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

fn run_one(experiment: Experiment, args: &LabArgs) -> Result<Report, String> {
    let settings = Settings {
        scale: args.scale,
        users: args.users,
    };
    let mut progress = Progress::new(experiment);
    let running = lab::start(experiment, settings, ());
    let mut running = running.map_err(|error| format!("cannot start a thread: {error}"))?;
    while let Some(event) = running.blocking_next() {
        match event {
            Event::Progress { what, done, of } => {
                progress.show(&terminal::progress(&what, done, of));
            }
            Event::Part { name, .. } => progress.show(&name),
            Event::Done { report } => return Ok(*report),
            Event::Failed { detail } => return Err(format!("{experiment}: {detail}")),
            _ => {}
        }
    }
    Err(format!("{experiment} ended without a result"))
}

fn print(text: &str) -> Result<(), String> {
    let printed = stdout().lock().write_all(text.as_bytes());
    printed.map_err(|error| format!("cannot print: {error}"))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// One line that is written over, on a terminal; one line for each experiment elsewhere.
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
