//! Many users who wait at the same time: on one thread, on forty threads, and in async.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use parking_lot::{Mutex, MutexGuard};
use sabr::{PoolKind, Sabr, sync};
use tokio::task::JoinSet;

use super::bench::{Bench, Findings};
use crate::client::Client;
use crate::machine::{self, Peak};
use crate::record::{LivePart, LiveTrack, OpenSpan};
use crate::server::Server;
use crate::timeline::Kind;
use crate::{LabError, Settings, Table, words};

const WAIT: Duration = Duration::from_secs(1);

/// The number of users that are measured on one thread. The time for all users is extrapolated from
/// them, because one thread would take a quarter of an hour for a thousand users.
const SAMPLE_OF_ONE_THREAD: usize = 10;

/// The number of threads of the pool. It is the default of FastAPI and of `Sabr`.
const POOL: usize = 40;

/// The number of users that are drawn. They are spread evenly over all users.
const DRAWN: usize = 10;

/// The number of users that connect at the same time. It is bounded, so that no queue of the
/// operating system overflows.
const CONNECTING: usize = 100;

/// The measurements of one way to wait.
#[derive(Clone, Copy, Debug)]
struct Took {
    users: usize,
    seconds: f64,
    /// The threads of the event loop and of the pool.
    threads: usize,
    /// The peak of the process's memory above its level at the start, in bytes.
    memory: Option<u64>,
}

/// The users, numbered in the order in which their requests start to be handled. Some are drawn.
#[derive(Clone, Debug)]
struct Crowd(Arc<Turns>);

#[derive(Debug)]
struct Turns {
    next: AtomicUsize,
    drawn: Vec<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    turn: usize,
    track: LiveTrack,
    in_line: Mutex<Option<OpenSpan>>,
}

/// The handling of one drawn user's request. It ends when it is dropped.
struct Turn<'crowd> {
    track: &'crowd LiveTrack,
    waiting: Option<OpenSpan>,
}

pub(super) fn horizon(settings: Settings) -> Duration {
    let in_turn = settings
        .users
        .get()
        .div_ceil(POOL)
        .max(SAMPLE_OF_ONE_THREAD);
    settings.scale.of(WAIT) * in_turn as u32
}

pub(super) async fn run(bench: &Bench<'_>) -> Result<Findings, LabError> {
    let users = bench.settings.users.get();
    machine::allow_files_for(bench.settings.users)?;
    let wait = bench.scale().of(WAIT);

    warm_up(bench, users, wait).await?;

    let sample = SAMPLE_OF_ONE_THREAD.min(users);
    let part = bench.part("one blocking thread");
    let crowd = Crowd::new(&part, sample);
    let one = in_threads(bench, &part, &crowd, sample, 1, wait).await?;
    let one_for_all = one.seconds / sample as f64 * users as f64;
    let all = words::count(users);
    part.note(if sample < users {
        let (took, all_took) = (words::time(one.seconds), words::time(one_for_all));
        format!("{sample} users: {took}; all {all}: about {all_took}, worked out")
    } else {
        words::time(one.seconds)
    });

    let part = bench.part(&format!("a pool of {POOL} threads"));
    let crowd = Crowd::new(&part, users);
    let pool = in_threads(bench, &part, &crowd, users, POOL, wait).await?;
    part.note(format!("{all} users: {}", words::time(pool.seconds)));

    let part = bench.part("async");
    let crowd = Crowd::new(&part, users);
    let none = async_(bench, &part, &crowd, users, wait).await?;
    part.note(format!("{all} users: {}", words::time(none.seconds)));

    figures(bench, [one, pool, none], one_for_all);
    Ok(findings(users, sample, one_for_all, [one, pool, none]))
}

/// Measures a plain `fn` that sleeps on a pool of `threads` threads.
async fn in_threads(
    bench: &Bench<'_>,
    part: &LivePart,
    crowd: &Crowd,
    users: usize,
    threads: usize,
    wait: Duration,
) -> Result<Took, LabError> {
    let drawn = crowd.clone();
    let handler = move || {
        let _turn = drawn.turn(Kind::WaitingInThread);
        std::thread::sleep(wait);
        "waited"
    };
    let sabr = Sabr::builder()
        .threads(PoolKind::Endpoint, threads)
        .queue(PoolKind::Endpoint, users)
        .max_connections(users + 1)
        .build();
    let router = Router::new().route("/wait", get(sync(handler).pooled()));
    measure(bench, part, crowd, users, sabr, router).await
}

/// Measures an `async fn` that sleeps.
async fn async_(
    bench: &Bench<'_>,
    part: &LivePart,
    crowd: &Crowd,
    users: usize,
    wait: Duration,
) -> Result<Took, LabError> {
    let drawn = crowd.clone();
    let handler = move || {
        let drawn = drawn.clone();
        async move {
            let _turn = drawn.turn(Kind::Waiting);
            tokio::time::sleep(wait).await;
            "waited"
        }
    };
    let sabr = Sabr::builder().max_connections(users + 1).build();
    let router = Router::new().route("/wait", get(handler));
    measure(bench, part, crowd, users, sabr, router).await
}

/// Opens as many connections as the measurements will. Why: the clients' side keeps memory for its
/// next use, which would otherwise be counted as memory of the first way only.
async fn warm_up(bench: &Bench<'_>, users: usize, wait: Duration) -> Result<(), LabError> {
    bench.progress("users warmed up", 0, users);
    let handler = async move || tokio::time::sleep(wait).await;
    let router = Router::new().route("/wait", get(handler));
    let sabr = Sabr::builder().max_connections(users + 1).build();
    let server = Server::start(machine::cores(), sabr, router).await?;
    let mut clients = connect(server.address, users).await?;
    let asking = clients.iter_mut().map(|client| client.get("/wait"));
    try_join_all(asking).await?;
    drop(clients);
    server.stop().await;
    Ok(())
}

async fn connect(address: SocketAddr, users: usize) -> Result<Vec<Client>, LabError> {
    let connecting = (0..users).map(|_| Client::connect(address));
    stream::iter(connecting)
        .buffer_unordered(CONNECTING)
        .try_collect()
        .await
}

/// Connects all users, and then sends all requests at once.
async fn measure(
    bench: &Bench<'_>,
    part: &LivePart,
    crowd: &Crowd,
    users: usize,
    sabr: Sabr,
    router: Router,
) -> Result<Took, LabError> {
    let peak = Peak::watch();
    let server = Server::start(machine::cores(), sabr, router).await?;
    let clients = connect(server.address, users).await?;
    let began = part.start();
    crowd.get_in_line();
    let mut waiting = JoinSet::new();
    for mut client in clients {
        waiting.spawn(async move {
            client.get("/wait").await?;
            // The connection stays open until all users are answered, as it would with real
            // clients.
            Ok::<_, LabError>(client)
        });
    }
    let (mut answered, step) = (Vec::with_capacity(users), users.div_ceil(50));
    let mut seconds = 0.0;
    while let Some(client) = waiting.join_next().await {
        answered.push(client.map_err(|_| LabError::Panicked)??);
        seconds = began.elapsed().as_secs_f64();
        if answered.len().is_multiple_of(step) {
            bench.progress("users answered", answered.len(), users);
        }
    }
    let memory = peak.more_than_before();
    let threads = machine::cores() + server.sabr.pool(PoolKind::Endpoint).threads;
    drop(answered);
    server.stop().await;
    Ok(Took {
        users,
        seconds,
        threads,
        memory,
    })
}

impl Crowd {
    fn new(part: &LivePart, users: usize) -> Self {
        let drawn = DRAWN.min(users);
        let draw = |index: usize| {
            let turn = index * (users - 1) / (drawn - 1).max(1);
            Drawn {
                turn,
                track: part.track(&format!("user {}", words::count(turn + 1))),
                in_line: Mutex::new(None),
            }
        };
        Self(Arc::new(Turns {
            next: AtomicUsize::new(0),
            drawn: (0..drawn).map(draw).collect(),
        }))
    }

    /// Begins the queued span of every drawn user, at the same time.
    fn get_in_line(&self) {
        for drawn in &self.0.drawn {
            *drawn.line() = Some(drawn.track.begin_at(Kind::Queued, 0.0));
        }
    }

    /// Counts the next user whose request is handled. Begins a span of `kind` if that user is
    /// drawn.
    fn turn(&self, kind: Kind) -> Option<Turn<'_>> {
        let turn = self.0.next.fetch_add(1, Ordering::Relaxed);
        let index = self.0.drawn.binary_search_by_key(&turn, |drawn| drawn.turn);
        let drawn = self.0.drawn.get(index.ok()?)?;
        drop(drawn.line().take());
        let track = &drawn.track;
        let waiting = Some(track.begin(kind));
        Some(Turn { track, waiting })
    }
}

impl Drawn {
    fn line(&self) -> MutexGuard<'_, Option<OpenSpan>> {
        self.in_line.lock()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        drop(self.waiting.take());
        self.track.note(words::time(self.track.now()));
    }
}

fn figures(bench: &Bench<'_>, [one, pool, none]: [Took; 3], one_for_all: f64) {
    bench.figure("one_thread_sample_users", one.users as f64);
    bench.figure("one_thread_sample_seconds", one.seconds);
    bench.figure("one_thread_extrapolated_seconds", one_for_all);
    bench.figure("pool_seconds", pool.seconds);
    bench.figure("async_seconds", none.seconds);
    for (name, threads) in [
        ("one_thread_threads", one.threads),
        ("pool_threads", pool.threads),
        ("async_threads", none.threads),
    ] {
        bench.figure(name, threads as f64);
    }
    for (name, memory) in [
        ("pool_memory_bytes", pool.memory),
        ("async_memory_bytes", none.memory),
    ] {
        if let Some(memory) = memory {
            bench.figure(name, memory as f64);
        }
    }
}

fn findings(users: usize, sample: usize, one_for_all: f64, took: [Took; 3]) -> Findings {
    let [one, pool, none] = took;
    let all = words::count(users);
    let mut table = Table::new(["how", "users", "time", "threads", "memory¹"]);
    let mut row = |how: String, took: &Took| {
        table.row([
            how,
            words::count(took.users),
            words::time(took.seconds),
            took.threads.to_string(),
            words::memory(took.memory),
        ]);
    };
    row("one blocking thread".to_owned(), &one);
    row(format!("a pool of {POOL} threads"), &pool);
    row("async".to_owned(), &none);
    if sample < users {
        table.row([
            "one thread, worked out".to_owned(),
            all.clone(),
            words::time(one_for_all),
            String::new(),
            String::new(),
        ]);
    }
    let note = "¹ more than before, at the peak, with the clients and their connections";
    table.note = Some(note.to_owned());
    Findings {
        table,
        said: [
            format!(
                "Async served all {all} users in {} on {} threads: whoever waits needs none of their own.",
                words::time(none.seconds),
                none.threads,
            ),
            format!(
                "A pool of {POOL} threads took {}, {} as long, because only {POOL} may wait at a time; one thread \
                 would take about {}, worked out from {} users.",
                words::time(pool.seconds),
                words::times(pool.seconds, none.seconds),
                words::time(one_for_all),
                words::count(sample),
            ),
        ],
        ledger: Vec::new(),
    }
}
