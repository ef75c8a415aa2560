use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use super::{BackupArgs, LabArgs, RestoreArgs, value};
use crate::http::{AllowedOrigins, Limits, Origin};
use crate::service::Config;

/// An async Todo service: an API on an embedded database, with every write on disk before it is
/// answered.
///
/// Without arguments it serves on http://127.0.0.1:8000 and keeps its todos in todo.db. Stop it with
/// Ctrl-C or SIGTERM: it finishes what it has begun.
#[expect(rustdoc::bare_urls, reason = "these comments are what `--help` prints")]
#[derive(Clone, Debug, Parser)]
#[command(
    name = "todo",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub struct Args {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Address to listen on: localhost, 127.0.0.1 or ::1
    #[arg(long, env = "TODO_HOST", default_value = "127.0.0.1", value_parser = value::host)]
    pub host: IpAddr,

    /// Port to listen on; with 0 the system chooses a free one
    #[arg(long, env = "TODO_PORT", default_value = "8000", value_parser = value::port)]
    pub port: u16,

    /// Database file, created if it is missing; with :memory: all data is lost at the end
    #[arg(long, env = "TODO_DATABASE", default_value = "todo.db", value_parser = value::database)]
    pub database: PathBuf,

    /// Let every database call wait this long first, as a slow database would: 1s, 250ms
    #[arg(long, env = "TODO_DB_DELAY", default_value = "0s", value_parser = value::duration)]
    pub db_delay: Duration,

    /// The largest number of writes that share one commit; 1 gives each write its own
    #[arg(long, env = "TODO_BATCH_SIZE", default_value = "256", value_parser = value::batch_size)]
    pub batch_size: usize,

    /// How long a write waits while another program holds the database locked; then it is answered
    /// 503
    #[arg(long, env = "TODO_LOCK_TIMEOUT", default_value = "5s", value_parser = value::duration)]
    pub lock_timeout: Duration,

    /// Let pages of this origin use the API, such as https://example.com; * for all.
    /// Repeat it, or separate several with commas
    #[arg(
        long,
        env = "TODO_CORS_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub cors_origin: Vec<Origin>,

    /// The most bytes that a request's body may have
    #[arg(
        long,
        env = "TODO_BODY_LIMIT",
        value_name = "BYTES",
        default_value = "1048576",
        value_parser = value::body_limit
    )]
    pub body_limit: usize,

    /// The longest time a request may take before it is answered 503
    #[arg(long, env = "TODO_REQUEST_TIMEOUT", default_value = "30s", value_parser = value::timeout)]
    pub request_timeout: Duration,

    /// How long requests and tasks may go on after Ctrl-C or SIGTERM
    #[arg(long, env = "TODO_GRACE_PERIOD", default_value = "10s", value_parser = value::duration)]
    pub grace_period: Duration,

    /// How the log is written, to standard error
    #[arg(long, env = "TODO_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    /// What is logged: off, error, warn, info, debug, trace, or a filter such as warn,todo=debug
    #[arg(long, env = "TODO_LOG_LEVEL", default_value = "info", value_parser = value::log_level)]
    pub log_level: String,
}

/// What can be done instead of serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// See sync and async side by side: experiments that are measured as they run
    ///
    /// Each draws a timeline and says what was seen. At full length all six take more than a
    /// minute; --scale 0.2 makes that some twenty seconds.
    Lab(LabArgs),

    /// Copy the database into a file, also while the service runs
    ///
    /// The copy is one consistent state. It is checked and forced to disk before it gets its name.
    /// Only its owner can read it.
    Backup(BackupArgs),

    /// Replace the database with a backup; the service must be stopped
    ///
    /// The backup is checked first. The present database is not lost: it gets a new name beside the
    /// old one.
    Restore(RestoreArgs),
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people, in colour on a terminal.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Args {
    /// The configuration of the service from these arguments. The subcommand and the options of the
    /// log are not part of it.
    #[must_use]
    pub fn into_config(self) -> Config {
        let memory = self.database.as_os_str() == ":memory:";
        Config {
            host: self.host,
            port: self.port,
            database: (!memory).then_some(self.database),
            batch_size: self.batch_size,
            lock_timeout: self.lock_timeout,
            db_delay: self.db_delay,
            limits: Limits {
                body: self.body_limit,
                time: self.request_timeout,
                origins: AllowedOrigins::new(self.cors_origin),
            },
            grace_period: self.grace_period,
        }
    }
}
