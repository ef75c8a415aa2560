//! The whole service. `main` and the tests start it with the same [`Service::build`].

use std::future::{Future, IntoFuture};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use jiff::Timestamp;
use sabr::ledger::RouteRule;
use sabr::ledger::snapshot::Gauge;
use sabr::{Ledger, Sabr, ShutdownReport};
use sabr_sqlite::Statistics;
use todo_core::{Clock, Ids, StoreError, machine_time};
use todo_sqlite::{SqliteOptions, SqliteStore};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::db::Db;
use crate::http::{self, App, Limits};

/// The configuration of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on. It must be a loopback address.
    pub host: IpAddr,
    /// The port to listen on; with 0 the operating system chooses a free one.
    pub port: u16,
    /// The database file; `None` keeps all data in memory.
    pub database: Option<PathBuf>,
    /// The largest number of waiting writes that share one commit.
    pub batch_size: usize,
    /// How long a write waits for another program's lock on the database.
    pub lock_timeout: Duration,
    /// How long every database call waits before it begins, to simulate a slow database.
    pub db_delay: Duration,
    /// The limits of a request.
    pub limits: Limits,
    /// How long requests and tasks may continue after the signal to stop.
    pub grace_period: Duration,
}

/// Why the service could not start, or did not stop cleanly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// The configured address is not a loopback address.
    #[error(
        "cannot serve on {0}: there are no accounts yet, so whoever reaches the service could read and \
         change every todo; serve on 127.0.0.1 or ::1, and let others in through something that asks who they are"
    )]
    NotLocal(IpAddr),
    /// The delay of the database is as long as the request timeout or longer.
    #[error(
        "every request would time out: --db-delay is {delay:?} and --request-timeout only {timeout:?}; \
         make the first shorter or the second longer"
    )]
    DelayOverTimeout {
        /// The delay of the database.
        delay: Duration,
        /// The request timeout.
        timeout: Duration,
    },
    /// The machine's clock is outside the range of HTTP dates. hyper would panic.
    #[error(
        "cannot serve while the clock of this machine says {0}: HTTP has dates from 1970 to 9999; set the clock"
    )]
    Clock(Timestamp),
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] sabr_sqlite::Error),
    /// Listening on the address failed.
    #[error("cannot listen on {address}: {source}; {}", advice(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Serving could not begin: the listener has no address, or a thread could not be started.
    #[error("cannot serve: {0}")]
    Serve(#[source] io::Error),
    /// The database did not close within two seconds after the server had stopped.
    #[error(
        "the database did not close within {CLOSE_MAX:?}; what was answered is on disk, and the next start recovers"
    )]
    CloseLate,
    /// Closing the database failed. Writes that were answered are on disk all the same.
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
    /// When the configuration is invalid, the machine's clock is outside the range of HTTP dates,
    /// the address cannot be listened on, or the database cannot be opened.
    pub async fn build(config: Config) -> Result<Self, ServiceError> {
        check(&config)?;
        #[expect(clippy::disallowed_methods, reason = "hyper reads this clock itself")]
        check_clock(SystemTime::now())?;
        let address = SocketAddr::new(config.host, config.port);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| ServiceError::Listen { address, source })?;
        let sabr = sabr(config.grace_period);
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

    /// The address that the service listens on. It has the port that was chosen for port 0.
    ///
    /// # Errors
    ///
    /// When the operating system does not report the address.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The app, for calls within this process.
    pub fn app(&self) -> Router {
        self.router.clone().layer(self.sabr.layer())
    }

    /// Serves until SIGTERM or Ctrl-C. Then it finishes the open requests and tasks within the
    /// grace period, and closes the database. A second signal cuts the grace period short.
    ///
    /// Signals are handled from this call on, not from the first poll of the future.
    ///
    /// # Errors
    ///
    /// When the listener has no address, or the database cannot be closed.
    pub fn run(self) -> impl Future<Output = Result<(), ServiceError>> {
        // Why outside the async block: `into_future` installs the signal handlers. Inside, a signal
        // before the first poll would kill the process.
        let serving = self.sabr.serve(self.listener, self.router).into_future();
        async move { end(&self.db, serving.await).await }
    }

    /// As [`Service::run`], but serves until `shutdown` is ready instead of until a signal.
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

/// Closes the database, even if serving failed. An error of serving takes precedence.
async fn end(db: &Db, served: io::Result<ShutdownReport>) -> Result<(), ServiceError> {
    let closed = timeout(CLOSE_MAX, db.close()).await;
    served.map_err(ServiceError::Serve)?;
    closed
        .map_err(|_| ServiceError::CloseLate)?
        .map_err(ServiceError::Close)
}

fn sabr(grace_period: Duration) -> Sabr {
    let mut sabr = Sabr::builder().grace_period(grace_period);
    // The ledger is for the API. The files of the pages would fill the first view.
    for route in http::ASSETS {
        sabr = sabr.ledger_route(RouteRule::new(*route).leave_out());
    }
    sabr.build()
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

/// Checks that HTTP can express the time. The check is only needed at the start: if the clock is
/// set back later, hyper keeps the last date.
fn check_clock(now: SystemTime) -> Result<(), ServiceError> {
    const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);
    match now.duration_since(UNIX_EPOCH) {
        Ok(since) if since < YEAR_10000 => Ok(()),
        _ => Err(ServiceError::Clock(machine_time(now))),
    }
}

/// Opens the database, and adds the figures of its group commits to the ledger.
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
