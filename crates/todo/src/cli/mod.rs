//! The command line.

mod args;
mod greeting;
mod lab;
mod log;
mod value;

use std::process::ExitCode;

use clap::Parser;

pub use args::{Args, Command, LogFormat};
pub use lab::LabArgs;

use crate::service::{Service, ServiceError};

/// Runs the command line, to its end.
pub fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(Command::Lab(args)) = &args.command {
        return lab::run(args);
    }
    log::init(args.log_format, &args.log_level);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(serve(args)),
        Err(error) => {
            eprintln!("error: cannot start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(args: Args) -> Result<(), ServiceError> {
    let format = args.log_format;
    let config = args.into_config();
    let database = config.database.clone();
    let service = Service::build(config).await?;
    let address = service.address().map_err(ServiceError::Serve)?;
    let running = service.run();
    greeting::print(format, address, database.as_deref());
    running.await
}
