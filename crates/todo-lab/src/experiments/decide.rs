//! Sample endpoints, each written as an `async fn` and as a plain `fn`, and the ledger's verdicts
//! about them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use futures_util::future::try_join_all;
use sabr::ledger::snapshot::EndpointDetail;
use sabr::ledger::{Phase, Severity};
use sabr::{BackgroundTasks, Overloaded, Sabr, sync, wait};
use todo_sqlite::SqliteOptions;
use tokio::runtime::Handle;

use super::bench::{Bench, Findings, finding_line, scratch_folder, settled};
use super::database::Database;
use crate::client::{self, Client};
use crate::load::Work;
use crate::record::LiveTrack;
use crate::server::{Server, slow};
use crate::timeline::Kind;
use crate::{LabError, Scale, Table, words};

/// How long the database, the API and the background work take, at full length.
const WAIT: Duration = Duration::from_millis(250);
const WAIT_MIN: Duration = Duration::from_millis(5);
const HEAVY: Duration = Duration::from_millis(50);
const HEAVY_MIN: Duration = Duration::from_millis(5);

/// What the sample endpoints need.
#[derive(Clone, Debug)]
struct Sources {
    database: Database,
    api: SocketAddr,
    file: PathBuf,
    heavy: Work,
    wait: Duration,
    /// The runtime on which a plain `fn` blocks on a future.
    runtime: Handle,
}

/// A sample endpoint.
#[derive(Clone, Copy, Debug)]
struct Sample {
    path: &'static str,
    name: &'static str,
    /// The number of clients that send requests at the same time. An endpoint that computes gets
    /// only one, because several would wait for each other's cores.
    clients: usize,
    /// The number of requests of each client. All clients together send as many as a verdict
    /// needs.
    requests: usize,
}

const SAMPLES: [Sample; 6] = [
    Sample::new("database", "database query", 10, 4),
    Sample::new("api", "outgoing API call", 10, 4),
    Sample::new("file", "small file", 10, 12),
    Sample::new("simple", "simple calculation", 10, 12),
    Sample::new("heavy", "heavy calculation", 1, 40),
    Sample::new("background", "background work", 10, 12),
];

impl Sample {
    const fn new(path: &'static str, name: &'static str, clients: usize, requests: usize) -> Self {
        Self {
            path,
            name,
            clients,
            requests,
        }
    }
}

pub(super) fn horizon(scale: Scale) -> Duration {
    length(scale)
}

/// The length of a wait.
fn length(scale: Scale) -> Duration {
    scale.of(WAIT).max(WAIT_MIN)
}

pub(super) async fn run(bench: &Bench<'_>) -> Result<Findings, LabError> {
    let scratch = scratch_folder()?;
    let file = scratch.path().join("motd.txt");
    std::fs::write(&file, "Patience.\n").map_err(LabError::io("write a temporary file"))?;
    let wait = length(bench.scale());
    let api = slow(wait).await?;
    let sources = Sources {
        database: Database::open(&SqliteOptions::default(), wait)?,
        api: api.address,
        file,
        heavy: Work::lasting(bench.scale().of(HEAVY).max(HEAVY_MIN)),
        wait,
        runtime: Handle::current(),
    };
    let router = async_endpoints().merge(sync_endpoints());
    let server = Server::start(1, Sabr::default(), router.with_state(sources.clone())).await?;

    let of_async = ask(bench, &server, "async", "written as async fn").await?;
    let of_sync = ask(bench, &server, "sync", "written as plain fn, with sync(f)").await?;

    server.stop().await;
    api.stop().await;
    sources.database.close().await?;
    Ok(findings(&of_async, &of_sync))
}

fn async_endpoints() -> Router<Sources> {
    type Of = State<Sources>;
    Router::new()
        .route(
            "/async/database",
            get(async |State(sources): Of| query(sources.database).await),
        )
        .route(
            "/async/api",
            get(async |State(sources): Of| wait("API", client::get(sources.api, "/")).await),
        )
        .route(
            "/async/file",
            get(async |State(sources): Of| read(&sources.file)),
        )
        .route("/async/simple", get(async || simple()))
        .route(
            "/async/heavy",
            get(async |State(sources): Of| sources.heavy.run().to_string()),
        )
        .route(
            "/async/background",
            get(async |State(sources): Of, tasks: BackgroundTasks| background(&sources, &tasks)),
        )
}

fn sync_endpoints() -> Router<Sources> {
    type Of = State<Sources>;
    Router::new()
        .route(
            "/sync/database",
            // It blocks on the store's future, as it would block in a driver without async.
            get(
                sync(|State(sources): Of| sources.runtime.block_on(query(sources.database)))
                    .pooled(),
            ),
        )
        .route(
            "/sync/api",
            get(sync(|State(sources): Of| call_blocking(sources.api)).pooled()),
        )
        .route(
            "/sync/file",
            get(sync(|State(sources): Of| read(&sources.file))),
        )
        .route("/sync/simple", get(sync(simple)))
        .route(
            "/sync/heavy",
            get(sync(|State(sources): Of| sources.heavy.run().to_string())),
        )
        .route(
            "/sync/background",
            get(sync(|State(sources): Of, tasks: BackgroundTasks| {
                background(&sources, &tasks)
            })),
        )
}

async fn query(database: Database) -> Result<String, LabError> {
    Ok(database.count_todos().await?.to_string())
}

/// Calls the API as a client library without async does.
fn call_blocking(api: SocketAddr) -> Result<String, LabError> {
    let mut answer = String::new();
    let mut call = || {
        let mut stream = TcpStream::connect(api)?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
        stream.read_to_string(&mut answer)
    };
    call().map_err(LabError::io("call the lab's own API"))?;
    Ok(answer)
}

fn read(file: &Path) -> Result<String, LabError> {
    std::fs::read_to_string(file).map_err(LabError::io("read a temporary file"))
}

fn simple() -> String {
    let (a, b) = (0..90).fold((0_u64, 1_u64), |(a, b), _| (b, a + b));
    format!("{a} {b}")
}

/// Adds a background task that waits. The endpoint itself does not wait.
fn background(sources: &Sources, tasks: &BackgroundTasks) -> Result<&'static str, Overloaded> {
    let time = sources.wait;
    let work = async move { tokio::time::sleep(time).await };
    tasks.named("notify").add(work)?;
    Ok("accepted")
}

/// The ledger's verdict about a sample.
#[derive(Debug)]
struct Judged {
    title: &'static str,
    good: bool,
    line: String,
}

async fn ask(
    bench: &Bench<'_>,
    server: &Server,
    how: &str,
    name: &str,
) -> Result<Vec<Judged>, LabError> {
    let part = bench.part(name);
    let tracks: Vec<_> = SAMPLES
        .iter()
        .map(|sample| part.track(sample.name))
        .collect();
    part.note("the average request".to_owned());
    let mut judged = Vec::new();
    for (sample, track) in SAMPLES.into_iter().zip(&tracks) {
        let route = format!("/{how}/{}", sample.path);
        let requests = sample.clients * sample.requests;
        bench.progress(&route, 0, requests);
        let asking = (0..sample.clients).map(async |_| {
            let mut client = Client::connect(server.address).await?;
            for _ in 0..sample.requests {
                client.get(&route).await?;
            }
            Ok::<_, LabError>(())
        });
        try_join_all(asking).await?;
        bench.progress(&route, requests, requests);
        let endpoint = settled(&server.sabr.ledger(), &route).await?;
        draw(track, &endpoint);
        judged.push(Judged {
            title: endpoint.endpoint.verdict.title,
            good: endpoint.endpoint.verdict.severity == Severity::Good,
            line: finding_line(&endpoint),
        });
    }
    Ok(judged)
}

/// Draws how the average request spent its time.
fn draw(track: &LiveTrack, endpoint: &EndpointDetail) {
    let endpoint = &endpoint.endpoint;
    let requests = endpoint.requests.max(1) as f64;
    let mut at = 0.0;
    for (phase, kind) in [
        (Phase::Queued, Kind::Queued),
        (Phase::Preempted, Kind::Queued),
        (Phase::Computing, Kind::Computing),
        (Phase::Unknown, Kind::Computing),
        (Phase::Blocked, Kind::Blocked),
        (Phase::WaitingInThread, Kind::WaitingInThread),
        (Phase::Waiting, Kind::Waiting),
    ] {
        let of_phase = endpoint.phases.iter().filter(|time| time.phase == phase);
        let seconds = of_phase.map(|time| time.seconds).sum::<f64>() / requests;
        if seconds > 0.0 {
            track.span(kind, at, at + seconds);
            at += seconds;
        }
    }
    track.note(words::time(at));
}

fn findings(of_async: &[Judged], of_sync: &[Judged]) -> Findings {
    let mut table = Table::new(["endpoint", "as async fn", "as plain fn", "so write"]);
    let (mut fits_async, mut fits_plain) = (Vec::new(), Vec::new());
    for (Sample { name, .. }, (as_async, as_sync)) in
        SAMPLES.iter().zip(of_async.iter().zip(of_sync))
    {
        let write = match (as_async.good, as_sync.good) {
            (true, false) => {
                fits_async.push(*name);
                "async fn"
            }
            (false, true) => {
                fits_plain.push(*name);
                "plain fn"
            }
            _ => "either",
        };
        table.row([*name, as_async.title, as_sync.title, write].map(str::to_owned));
    }
    Findings {
        table,
        said: [
            format!(
                "Measured on {} endpoints, async fits where there is a wait: {}.",
                SAMPLES.len(),
                listed(&fits_async)
            ),
            format!(
                "Where there is none, a plain fn is simpler and hurts nobody: {}.",
                listed(&fits_plain)
            ),
        ],
        ledger: of_async.iter().map(|judged| judged.line.clone()).collect(),
    }
}

/// The names as a list in a sentence: `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => "none of them".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
