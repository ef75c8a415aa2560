//! `todo backup` and `todo restore`.

use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use todo_sqlite::IfExists;

use super::value;

/// The arguments of `todo backup`.
#[derive(Clone, Debug, Args)]
pub struct BackupArgs {
    /// The file that the backup becomes
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Replace the file if there is one
    #[arg(long)]
    pub force: bool,

    /// Database file
    #[arg(long, env = "TODO_DATABASE", default_value = "todo.db", value_parser = value::database_file)]
    pub database: PathBuf,
}

/// The arguments of `todo restore`.
#[derive(Clone, Debug, Args)]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Database file
    #[arg(long, env = "TODO_DATABASE", default_value = "todo.db", value_parser = value::database_file)]
    pub database: PathBuf,
}

pub(super) fn backup(args: &BackupArgs) -> ExitCode {
    let exists = match args.force {
        true => IfExists::Replace,
        false => IfExists::Refuse,
    };
    match todo_sqlite::backup(&args.database, &args.file, exists) {
        Ok(()) => {
            say(&format!(
                "backed up {} to {}",
                args.database.display(),
                args.file.display()
            ));
            ExitCode::SUCCESS
        }
        Err(error) if error.is_existing() => fail(&format!("{error} with --force")),
        Err(error) => {
            let (database, file) = (args.database.display(), args.file.display());
            fail(&with_task(
                &format!("cannot back up {database} to {file}"),
                &error,
            ))
        }
    }
}

pub(super) fn restore(args: &RestoreArgs) -> ExitCode {
    match todo_sqlite::restore(&args.database, &args.file) {
        Ok(former) => {
            let former = former.as_deref().and_then(Path::file_name).map(|name| {
                let name = name.to_string_lossy();
                format!("; the former database is beside it as {name}")
            });
            say(&format!(
                "restored {} from {}{}",
                args.database.display(),
                args.file.display(),
                former.unwrap_or_default()
            ));
            ExitCode::SUCCESS
        }
        Err(error) => {
            let (database, file) = (args.database.display(), args.file.display());
            fail(&with_task(
                &format!("cannot restore {database} from {file}"),
                &error,
            ))
        }
    }
}

/// The error, prefixed with the task that failed, unless its message already says so. An error from
/// checking or opening a file does not name the task.
fn with_task(tried: &str, error: &sabr_sqlite::Error) -> String {
    let error = error.to_string();
    match error.starts_with("cannot back up") || error.starts_with("cannot restore") {
        true => error,
        false => format!("{tried}: {error}"),
    }
}

/// Prints to standard output. A closed output is ignored, because the exit code reports the result.
fn say(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

fn fail(text: &str) -> ExitCode {
    let _ = writeln!(stderr(), "error: {text}");
    ExitCode::FAILURE
}
