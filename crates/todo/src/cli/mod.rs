//! The command line.

mod args;
mod copies;
mod greeting;
mod lab;
mod log;
mod output;
mod value;

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Runtime;

use output::Output;

pub use args::{Args, Command, LogFormat};
pub use copies::{BackupArgs, RestoreArgs};
pub use lab::LabArgs;

use crate::service::{Service, ServiceError};

/// Parses the command line and runs the command. Returns the exit code of the process.
pub fn main() -> ExitCode {
    let args = Args::parse();
    match &args.command {
        Some(Command::Lab(args)) => return lab::run(args),
        Some(Command::Backup(args)) => return copies::backup(args),
        Some(Command::Restore(args)) => return copies::restore(args),
        None => {}
    }
    let started = Output::start(stderr()).and_then(|errors| Ok((errors, Runtime::new()?)));
    let (mut errors, runtime) = match started {
        Ok(started) => started,
        Err(error) => {
            let _ = writeln!(stderr(), "error: cannot start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    log::init(args.log_format, &args.log_level, errors.clone());
    let ended = runtime.block_on(serve(args));
    if let Err(error) = &ended {
        let _ = errors.write_all(format!("error: {error}\n").as_bytes());
    }
    runtime.block_on(errors.flushed());
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

async fn serve(args: Args) -> Result<(), ServiceError> {
    let format = args.log_format;
    let config = args.into_config();
    let database = config.database.clone();
    ignore_file_size_limit();
    let service = Service::build(config).await?;
    let address = service.address().map_err(ServiceError::Serve)?;
    let running = service.run();
    let output = Output::start(stdout()).map_err(ServiceError::Serve)?;
    greeting::print(format, output, address, database.as_deref());
    running.await
}

/// Makes a write beyond the file size limit (`ulimit -f`) fail, as on a full disk.
///
/// By default, SIGXFSZ ends the process at such a write. A handler prevents that. tokio never
/// removes a handler that it has installed, so the stream of signals can be dropped.
fn ignore_file_size_limit() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let kind = SignalKind::from_raw(nix::libc::SIGXFSZ);
        if let Err(error) = signal(kind) {
            tracing::warn!(%error, "cannot ignore the signal of the file size limit");
        }
    }
}
