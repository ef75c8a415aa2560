//! Two waits of one request: first one after the other, and then at the same time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::RawQuery;
use axum::routing::get;
use futures_util::future::try_join_all;
use sabr::ledger::Thresholds;
use sabr::{Sabr, overlap, wait};
use todo_sqlite::SqliteOptions;

use super::bench::{Bench, Findings, settled, verdict_line};
use super::database::Database;
use crate::record::{LivePart, LiveTrack};
use crate::server::{Server, slow};
use crate::timeline::Kind;
use crate::{LabError, Scale, Table, client, words};

const DATABASE: Duration = Duration::from_secs(2);
const API: Duration = Duration::from_secs(3);

/// The number of requests at the same time. One of them is drawn. The verdict is based on all of
/// them.
const REQUESTS: usize = 3;

/// The database and the API that a request waits for.
#[derive(Clone, Debug)]
struct Sources {
    database: Database,
    api: SocketAddr,
    database_track: LiveTrack,
    api_track: LiveTrack,
}

impl Sources {
    fn new(database: &Database, api: SocketAddr, part: &LivePart) -> Self {
        Self {
            database: database.clone(),
            api,
            database_track: part.track("database"),
            api_track: part.track("API"),
        }
    }

    async fn database(&self, drawn: bool) -> Result<(), LabError> {
        let _span = drawn.then(|| self.database_track.begin(Kind::Waiting));
        self.database.count_todos().await?;
        Ok(())
    }

    async fn api(&self, drawn: bool) -> Result<(), LabError> {
        let _span = drawn.then(|| self.api_track.begin(Kind::Waiting));
        client::get(self.api, "/").await?;
        Ok(())
    }
}

pub(super) fn horizon(scale: Scale) -> Duration {
    scale.of(DATABASE + API)
}

pub(super) async fn run(bench: &Bench<'_>) -> Result<Findings, LabError> {
    let delay = bench.scale().of(DATABASE);
    let database = Database::open(&SqliteOptions::default(), delay)?;
    let api = slow(bench.scale().of(API)).await?;
    let (apart_part, together_part) = (bench.part("one after the other"), bench.part("together"));
    let one = Sources::new(&database, api.address, &apart_part);
    let both = Sources::new(&database, api.address, &together_part);
    let router = Router::new()
        .route(
            "/apart",
            get(async move |RawQuery(drawn)| apart(&one, drawn).await),
        )
        .route(
            "/together",
            get(async move |RawQuery(drawn)| together(&both, drawn).await),
        );
    let mut thresholds = Thresholds::default();
    thresholds.requests = REQUESTS as u64;
    let sabr = Sabr::builder().thresholds(thresholds).build();
    let server = Server::start(1, sabr, router).await?;

    let apart_took = ask(bench, &server, "/apart", &apart_part).await?;
    let together_took = ask(bench, &server, "/together", &together_part).await?;

    let ledger = server.sabr.ledger();
    let of_apart = settled(&ledger, "/apart").await?;
    let of_together = settled(&ledger, "/together").await?;
    server.stop().await;
    api.stop().await;
    database.close().await?;

    bench.figure("database_seconds", bench.scale().of(DATABASE).as_secs_f64());
    bench.figure("api_seconds", bench.scale().of(API).as_secs_f64());
    bench.figure("apart_seconds", apart_took);
    bench.figure("together_seconds", together_took);
    let mut table = Table::new(["the request waits", "until its answer"]);
    table.row(["one after the other".to_owned(), words::time(apart_took)]);
    table.row(["together".to_owned(), words::time(together_took)]);
    Ok(Findings {
        table,
        said: [
            format!(
                "Awaited one after the other, the answer took {}: the database, and then the API.",
                words::time(apart_took)
            ),
            format!(
                "Awaited together, it took {}: as long as the slower of the two, and {} less.",
                words::time(together_took),
                words::time(apart_took - together_took)
            ),
        ],
        ledger: [of_apart, of_together].iter().map(verdict_line).collect(),
    })
}

/// Awaits one future after the other. Both are created before the first is awaited, so neither can
/// need the other's result. That lets the ledger prove that they could overlap.
async fn apart(sources: &Sources, drawn: Option<String>) -> Result<&'static str, LabError> {
    let drawn = drawn.is_some();
    let database = wait("database", sources.database(drawn));
    let api = wait("API", sources.api(drawn));
    database.await?;
    api.await?;
    Ok("both")
}

async fn together(sources: &Sources, drawn: Option<String>) -> Result<&'static str, LabError> {
    let drawn = drawn.is_some();
    let (database, api) = overlap!(
        wait("database", sources.database(drawn)),
        wait("API", sources.api(drawn)),
    );
    database.and(api)?;
    Ok("both")
}

/// Sends the requests. Returns how long the drawn one took, in seconds.
async fn ask(
    bench: &Bench<'_>,
    server: &Server,
    path: &str,
    part: &LivePart,
) -> Result<f64, LabError> {
    let address = server.address;
    let drawn = format!("{path}?drawn");
    bench.progress(path, 0, REQUESTS);
    part.start();
    let others = (1..REQUESTS).map(|_| timed(address, path));
    let (drawn, _others) = tokio::try_join!(timed(address, &drawn), try_join_all(others))?;
    bench.progress(path, REQUESTS, REQUESTS);
    part.note(format!("{} until the answer", words::time(drawn)));
    Ok(drawn)
}

async fn timed(address: SocketAddr, path: &str) -> Result<f64, LabError> {
    let began = Instant::now();
    client::get(address, path).await?;
    Ok(began.elapsed().as_secs_f64())
}
