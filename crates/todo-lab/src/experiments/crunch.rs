//! Computing: in a plain loop, on the event loop, on a pool of one thread, and on all cores.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use futures_util::future::try_join_all;
use parking_lot::Mutex;
use sabr::{PoolKind, Sabr, compute};

use super::bench::{Bench, Findings};
use crate::client::{self, Client};
use crate::load::{Bystanders, Felt, Work};
use crate::machine;
use crate::record::{LivePart, LiveTrack};
use crate::server::Server;
use crate::timeline::Kind;
use crate::{LabError, Scale, Table, words};

/// The time of all the computing on one core, at full length.
const ALL: Duration = Duration::from_secs(4);
/// The number of equal pieces of the computing. Each request computes one.
const PIECES: usize = 8;
/// The largest number of cores that are used.
const CORES_MAX: usize = 4;

/// The pieces of one way to compute. Records which thread computed when.
#[derive(Clone, Debug)]
struct Pieces {
    work: Work,
    tracks: Arc<Vec<LiveTrack>>,
    /// The threads that computed, numbered in the order of their first pieces.
    threads: Arc<Mutex<HashMap<ThreadId, usize>>>,
    /// The sum of the times of all pieces, in seconds.
    sum: Arc<Mutex<f64>>,
}

#[derive(Clone, Copy, Debug)]
struct Took {
    seconds: f64,
    /// The sum of the times of all pieces, in seconds. It exceeds `seconds` if pieces run at the
    /// same time.
    sum: f64,
    felt: Felt,
}

pub(super) fn horizon(scale: Scale) -> Duration {
    scale.of(ALL)
}

pub(super) async fn run(bench: &Bench<'_>) -> Result<Findings, LabError> {
    let work = Work::lasting(bench.scale().of(ALL) / PIECES as u32);
    let cores = machine::cores().min(CORES_MAX);
    let alone = loop_alone(bench, work);

    let part = bench.part("async, on the event loop");
    let pieces = Pieces::new(&part, work, &["event loop"]);
    let handler = async move |pieces: Pieces| pieces.one();
    let inside = measure(bench, &part, pieces, with_threads(1), handler).await?;

    let part = bench.part("compute(), a pool of one thread");
    let pieces = Pieces::new(&part, work, &["pool"]);
    let pool = measure(bench, &part, pieces, with_threads(1), on_the_pool).await?;

    let part = bench.part(&format!("compute(), a pool of {cores} threads"));
    let names: Vec<_> = (1..=cores).map(|core| format!("pool {core}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let pieces = Pieces::new(&part, work, &names);
    let all = measure(bench, &part, pieces, with_threads(cores), on_the_pool).await?;

    bench.figure("cores", cores as f64);
    bench.figure("loop_seconds", alone);
    for (name, value) in [
        ("async_seconds", inside.seconds),
        ("async_pieces_seconds", inside.sum),
        ("async_bystander_max_seconds", inside.felt.longest),
        ("pool_seconds", pool.seconds),
        ("pool_pieces_seconds", pool.sum),
        ("pool_bystander_max_seconds", pool.felt.longest),
        ("all_cores_seconds", all.seconds),
        ("all_cores_pieces_seconds", all.sum),
        ("all_cores_bystander_max_seconds", all.felt.longest),
    ] {
        bench.figure(name, value);
    }
    Ok(findings(cores, alone, [inside, pool, all]))
}

fn with_threads(threads: usize) -> Sabr {
    // The watchdog is off, because this experiment blocks the event loop on purpose.
    Sabr::builder()
        .stall_limit(Duration::ZERO)
        .threads(PoolKind::Compute, threads)
        .build()
}

async fn on_the_pool(pieces: Pieces) {
    // An error is not possible: the pool's queue has room for all pieces.
    let _ = compute(move || pieces.one()).await;
}

/// Measures the baseline: a plain loop that only computes. Returns its seconds.
fn loop_alone(bench: &Bench<'_>, work: Work) -> f64 {
    let part = bench.part("a plain loop");
    let pieces = Pieces::new(&part, work, &["one thread"]);
    let began = part.start();
    for done in 0..PIECES {
        bench.progress("a plain loop", done, PIECES);
        pieces.one();
    }
    let seconds = began.elapsed().as_secs_f64();
    part.note(words::time(seconds));
    seconds
}

/// Requests all pieces at once, one with each request.
async fn measure<F, Fut>(
    bench: &Bench<'_>,
    part: &LivePart,
    pieces: Pieces,
    sabr: Sabr,
    handler: F,
) -> Result<Took, LabError>
where
    F: Fn(Pieces) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let others = part.track("bystanders");
    let sum = Arc::clone(&pieces.sum);
    let crunch = move || {
        let piece = handler(pieces.clone());
        async move {
            piece.await;
            "computed"
        }
    };
    let router = Router::new()
        .route("/crunch", get(crunch))
        .route("/quick", get(async || "quick"));
    let server = Server::start(1, sabr, router).await?;
    let connecting = (0..PIECES).map(|_| Client::connect(server.address));
    let mut clients = try_join_all(connecting).await?;
    // The first request starts threads, so it is sent before the measurement.
    client::get(server.address, "/quick").await?;
    let bystanders = Bystanders::of(server.address, others.clone());
    let began = part.start();
    let asking = clients.iter_mut().map(async |client| {
        client.get("/crunch").await?;
        Ok::<_, LabError>(())
    });
    bench.progress("pieces", 0, PIECES);
    try_join_all(asking).await?;
    bench.progress("pieces", PIECES, PIECES);
    let seconds = began.elapsed().as_secs_f64();
    // Bystanders that are still waiting are answered in this time.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let felt = bystanders.felt(0.0, seconds);
    others.note(words::time(felt.longest));
    part.note(format!(
        "{}; bystanders waited up to {}",
        words::time(seconds),
        words::time(felt.longest)
    ));
    server.stop().await;
    let sum = *sum.lock();
    Ok(Took { seconds, sum, felt })
}

impl Pieces {
    fn new(part: &LivePart, work: Work, names: &[&str]) -> Self {
        let tracks = names.iter().map(|name| part.track(name)).collect();
        Self {
            work,
            tracks: Arc::new(tracks),
            threads: Arc::default(),
            sum: Arc::default(),
        }
    }

    /// Computes one piece on this thread.
    fn one(&self) {
        let began = Instant::now();
        let span = self.track().map(|track| track.begin(Kind::Computing));
        self.work.run();
        drop(span);
        let mut sum = self.sum.lock();
        *sum += began.elapsed().as_secs_f64();
    }

    fn track(&self) -> Option<&LiveTrack> {
        let mut threads = self.threads.lock();
        let next = threads.len();
        let index = *threads.entry(thread::current().id()).or_insert(next);
        self.tracks.get(index)
    }
}

/// Whether the machine was busy with something else. The three times are of the same computing on
/// one core, so they differ by more than a quarter only on a busy machine.
fn was_busy(took: [f64; 3]) -> bool {
    let most = took.into_iter().fold(0.0, f64::max);
    let least = took.into_iter().fold(f64::INFINITY, f64::min);
    most > 1.25 * least
}

/// Says whether more threads helped. They do not help if other programs use the other cores.
fn more_cores(one: f64, all: f64) -> &'static str {
    if all < 0.85 * one {
        "only more cores made it faster"
    } else {
        "more threads help where cores are free, and here they were not"
    }
}

fn findings(cores: usize, alone: f64, [inside, pool, all]: [Took; 3]) -> Findings {
    let mut table = Table::new(["how", "time", "against the loop", "bystanders, longest"]);
    table.row([
        "a plain loop".to_owned(),
        words::time(alone),
        "1.00 times".to_owned(),
        String::new(),
    ]);
    let mut row = |how: String, took: &Took| {
        table.row([
            how,
            words::time(took.seconds),
            words::times(took.seconds, alone),
            words::time(took.felt.longest),
        ]);
    };
    row("async, on the event loop".to_owned(), &inside);
    row("compute(), one thread".to_owned(), &pool);
    row(format!("compute(), {cores} threads"), &all);
    table.note = was_busy([alone, inside.sum, pool.sum]).then(|| {
        "The machine was busy with other things too, which makes these times differ; run it again for steadier ones."
            .to_owned()
    });
    Findings {
        table,
        said: [
            format!(
                "In async the computing took {}, and in a plain loop {}: async is no faster CPU, and it held up \
                 everybody else for {}.",
                words::time(inside.seconds),
                words::time(alone),
                words::time(inside.felt.longest),
            ),
            format!(
                "On a pool of one thread it took {} and others waited at most {}; {}: {} on {cores}.",
                words::time(pool.seconds),
                words::time(pool.felt.longest),
                more_cores(pool.seconds, all.seconds),
                words::time(all.seconds),
            ),
        ],
        ledger: Vec::new(),
    }
}
