//! The service as a whole: what `main` runs is what the tests run.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use jiff::Timestamp;
use sabr::ledger::snapshot::Gauge;
use sabr::{Ledger, Sabr, ShutdownReport};
use sabr_sqlite::Statistics;
use todo_core::{Clock, Ids, StoreError, machine_time};
use todo_sqlite::{SqliteOptions, SqliteStore};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::db::Db;
use crate::http::{self, App, Limits};

/// All that can be chosen about the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on: one of the local machine.
    pub host: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// The database file; `None` keeps everything in memory.
    pub database: Option<PathBuf>,
    /// How many waiting writes share one commit at the most.
    pub batch_size: usize,
    /// How long a write waits for another program's lock.
    pub lock_timeout: Duration,
    /// How long every database call waits before it begins.
    pub db_delay: Duration,
    /// What a request may ask for.
    pub limits: Limits,
    /// How long requests and tasks may go on after the signal to stop.
    pub grace_period: Duration,
}

/// Why the service could not start, or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// It may only be reached from the local machine.
    #[error(
        "cannot serve on {0}: there are no accounts yet, so whoever reaches the service could read and \
         change every todo; serve on 127.0.0.1 or ::1, and let others in through something that asks who they are"
    )]
    NotLocal(IpAddr),
    /// Requests would time out before the database begins.
    #[error(
        "every request would time out: --db-delay is {delay:?} and --request-timeout only {timeout:?}; \
         make the first shorter or the second longer"
    )]
    DelayOverTimeout {
        /// The delay of the database.
        delay: Duration,
        /// The time a request may take.
        timeout: Duration,
    },
    /// HTTP has no date for the time of the machine's clock, and hyper would panic.
    #[error(
        "cannot serve while the clock of this machine says {0}: HTTP has dates from 1970 to 9999; set the clock"
    )]
    Clock(Timestamp),
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] sabr_sqlite::Error),
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}; {}", advice(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The listener broke while the service ran.
    #[error("cannot go on serving: {0}")]
    Serve(#[source] io::Error),
    /// The database was still busy some time after the last request had ended.
    #[error(
        "the database did not close within {CLOSE_MAX:?}; what was answered is on disk, and the next start recovers"
    )]
    CloseLate,
    /// The database could not be closed in order. What was answered is on disk all the same.
    #[error("cannot close the database: {0}")]
    Close(#[source] StoreError),
}

/// The service, listening but not yet serving.
#[derive(Debug)]
pub struct Service {
    listener: TcpListener,
    router: Router,
    sabr: Sabr,
    db: Db,
}

impl Service {
    /// Opens the database and listens.
    ///
    /// # Errors
    ///
    /// When the configuration makes no sense, or the database or the address can't be had.
    pub async fn build(config: Config) -> Result<Self, ServiceError> {
        check(&config)?;
        #[expect(clippy::disallowed_methods, reason = "hyper reads this clock itself")]
        check_clock(SystemTime::now())?;
        let address = SocketAddr::new(config.host, config.port);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| ServiceError::Listen { address, source })?;
        let sabr = Sabr::builder().grace_period(config.grace_period).build();
        let ledger = sabr.ledger();
        let db = open(&config, &ledger)?;
        let app = App {
            db: db.clone(),
            clock: Clock::system(),
            ids: Ids::random(),
            sabr: sabr.clone(),
        };
        let router = http::router(app, config.limits);
        Ok(Self {
            listener,
            router,
            sabr,
            db,
        })
    }

    /// Where the service listens.
    ///
    /// # Errors
    ///
    /// When the operating system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The app, for calls within this process.
    #[must_use]
    pub fn app(&self) -> Router {
        self.router.clone().layer(self.sabr.layer())
    }

    /// Serves until SIGTERM or Ctrl-C, which it waits for from this call on; then finishes what was
    /// begun, within the grace period, and closes the database. A second signal ends at once.
    ///
    /// # Errors
    ///
    /// When the listener breaks, or the database can't be closed in order.
    pub fn run(self) -> impl Future<Output = Result<(), ServiceError>> {
        // Made now, not when it is awaited: from here on signals are waited for.
        let serving = self.sabr.serve(self.listener, self.router).into_future();
        async move { end(&self.db, serving.await).await }
    }

    /// As [`Service::run`], until `shutdown` is ready.
    ///
    /// # Errors
    ///
    /// As [`Service::run`].
    pub async fn run_until(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServiceError> {
        let serve = self.sabr.serve(self.listener, self.router);
        let served = serve.with_shutdown(shutdown).await;
        end(&self.db, served).await
    }
}

/// How long the database may take to close. Why: another process may hold its lock, and a large
/// write may still run.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// Closes the database, however serving ended.
async fn end(db: &Db, served: io::Result<ShutdownReport>) -> Result<(), ServiceError> {
    let closed = timeout(CLOSE_MAX, db.close()).await;
    served.map_err(ServiceError::Serve)?;
    closed
        .map_err(|_| ServiceError::CloseLate)?
        .map_err(ServiceError::Close)
}

fn check(config: &Config) -> Result<(), ServiceError> {
    if !config.host.is_loopback() {
        return Err(ServiceError::NotLocal(config.host));
    }
    if config.db_delay >= config.limits.time {
        return Err(ServiceError::DelayOverTimeout {
            delay: config.db_delay,
            timeout: config.limits.time,
        });
    }
    Ok(())
}

/// Only the start needs this check: if the clock is set back later, hyper keeps the last date.
fn check_clock(now: SystemTime) -> Result<(), ServiceError> {
    const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);
    match now.duration_since(UNIX_EPOCH) {
        Ok(since) if since < YEAR_10000 => Ok(()),
        _ => Err(ServiceError::Clock(machine_time(now))),
    }
}

/// Opens the database, whose group commits the ledger shows.
fn open(config: &Config, ledger: &Ledger) -> Result<Db, ServiceError> {
    let store = SqliteStore::open(&SqliteOptions {
        path: config.database.clone(),
        batch_size: config.batch_size,
        lock_timeout: config.lock_timeout,
    })?;
    if let Some(path) = &config.database {
        let path = path.display();
        match store.is_new() {
            true => tracing::info!("created {path}"),
            false => tracing::info!("opened {path}"),
        }
    }
    let shown = store.clone();
    ledger.show("Group commits", move || group_commits(&shown.statistics()));
    Ok(Db::new(store).with_delay(config.db_delay))
}

fn group_commits(statistics: &Statistics) -> Vec<Gauge> {
    let count = |name, count: u64| Gauge::new(name, count as f64, "");
    let micros = |name, micros: f64| Gauge::new(name, micros / 1e6, "s");
    vec![
        count("writes committed", statistics.writes),
        count("commits", statistics.commits),
        count("failed commits", statistics.failed_commits),
        count("restarts of the writer", statistics.restarts),
        Gauge::new(
            "writes in a commit, on average",
            statistics.batch_sizes.mean(),
            "",
        ),
        count("writes in the largest commit", statistics.batch_sizes.max),
        micros(
            "time of a commit, on average",
            statistics.commit_micros.mean(),
        ),
        micros(
            "time of the longest commit",
            statistics.commit_micros.max as f64,
        ),
        count("writes waiting now", statistics.queue_length as u64),
        count("reads", statistics.reads),
        count("reads moved to a thread", statistics.moved_reads),
        Gauge::new("length of the WAL", statistics.wal_bytes as f64, "B"),
    ]
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "stop what listens there, or choose another with --port",
        io::ErrorKind::PermissionDenied => "choose a port over 1023 with --port",
        _ => "choose another address with --host and --port",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_http_has_no_date_for_is_refused_in_words() {
        let seconds = Duration::from_secs;
        for (time, expected) in [
            (UNIX_EPOCH, None),
            (UNIX_EPOCH + seconds(253_402_300_799), None),
            (UNIX_EPOCH - seconds(1), Some("1969-12-31T23:59:59Z")),
            (UNIX_EPOCH + seconds(253_402_300_800), Some("9999-12-30")),
        ] {
            let said = check_clock(time).map_err(|error| error.to_string()).err();
            let found = said.as_deref().unwrap_or_default();
            assert_eq!(said.is_some(), expected.is_some(), "{found}");
            assert!(found.contains(expected.unwrap_or_default()), "{found}");
        }
    }
}
