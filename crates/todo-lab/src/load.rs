//! The load of the experiments: computing, and bystanders that measure what other requests feel.

use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::LabError;
use super::client::Client;
use super::record::LiveTrack;
use super::timeline::Kind;

/// An amount of computing that takes about a given time on this machine, if the machine is
/// otherwise idle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    steps: u64,
}

impl Work {
    /// Measures how fast this machine computes. It occupies its thread for some milliseconds.
    pub(super) fn lasting(time: Duration) -> Self {
        const TRIED: u64 = 200_000;
        let tried = (0..5).map(|_| {
            let began = Instant::now();
            compute(TRIED);
            began.elapsed().as_secs_f64()
        });
        // The fastest try was disturbed the least.
        let fastest = tried.fold(f64::INFINITY, f64::min).max(1e-9);
        let steps = time.as_secs_f64() / fastest * TRIED as f64;
        Self {
            steps: steps.clamp(1.0, 1e15) as u64,
        }
    }

    /// Computes on this thread.
    pub(super) fn run(self) -> u64 {
        compute(self.steps)
    }
}

/// Each step needs the result of the one before it, so that the compiler cannot shorten the loop.
#[inline(never)]
fn compute(steps: u64) -> u64 {
    let mut x = black_box(0x9e37_79b9_7f4a_7c15_u64);
    for _ in 0..steps {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    black_box(x)
}

/// Clients that send short requests at a fixed rate while the server does other work.
///
/// They do not wait for each other: while one request is held up, the next ones are still sent, as
/// independent clients would do.
#[derive(Debug)]
pub(super) struct Bystanders {
    seen: Arc<Seen>,
    _asking: JoinSet<()>,
}

/// The measurements of the bystanders.
#[derive(Debug)]
struct Seen {
    track: LiveTrack,
    /// For each request the time at which it was sent and the time until its response, in seconds.
    answers: Mutex<Vec<(f64, f64)>>,
    /// Whether a request that is held up is being drawn. Only one is drawn at a time, because the
    /// requests after it are held up by the same cause.
    drawing: AtomicBool,
}

/// How long bystanders waited, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Felt {
    pub(super) asked: usize,
    pub(super) median: f64,
    pub(super) longest: f64,
}

impl Bystanders {
    /// The time between two requests.
    const EVERY: Duration = Duration::from_millis(5);
    /// A request that takes longer is drawn as a span, a shorter one as a mark.
    const HELD_UP: Duration = Duration::from_millis(20);

    /// Starts to request `/quick`. Dropping the bystanders stops the requests.
    pub(super) fn of(address: SocketAddr, track: LiveTrack) -> Self {
        let seen = Arc::new(Seen {
            track,
            answers: Mutex::default(),
            drawing: AtomicBool::new(false),
        });
        let mut asking = JoinSet::new();
        asking.spawn(ask(address, Arc::clone(&seen)));
        Self {
            seen,
            _asking: asking,
        }
    }

    /// How long the bystanders waited whose requests were sent between two times, in seconds.
    pub(super) fn felt(&self, from: f64, to: f64) -> Felt {
        let answers = self.seen.answers.lock();
        let between = answers.iter().filter(|(at, _)| (from..to).contains(at));
        let mut took: Vec<_> = between.map(|(_, took)| *took).collect();
        took.sort_by(f64::total_cmp);
        Felt {
            asked: took.len(),
            median: took.get(took.len() / 2).copied().unwrap_or(0.0),
            longest: took.last().copied().unwrap_or(0.0),
        }
    }
}

async fn ask(address: SocketAddr, seen: Arc<Seen>) {
    let idle = Arc::new(Mutex::new(Vec::<Client>::new()));
    let mut asked = JoinSet::new();
    let mut beat = tokio::time::interval(Bystanders::EVERY);
    loop {
        beat.tick().await;
        while asked.try_join_next().is_some() {}
        let (idle, seen) = (Arc::clone(&idle), Arc::clone(&seen));
        asked.spawn(async move {
            // A request only fails when its server has stopped.
            let _ = seen.ask_once(address, &idle).await;
        });
    }
}

impl Seen {
    async fn ask_once(
        &self,
        address: SocketAddr,
        idle: &Mutex<Vec<Client>>,
    ) -> Result<(), LabError> {
        let at = self.track.now();
        let known = idle.lock().pop();
        let mut client = match known {
            Some(client) => client,
            None => Client::connect(address).await?,
        };
        {
            let mut answer = std::pin::pin!(client.get("/quick"));
            tokio::select! {
                answered = &mut answer => {
                    answered?;
                    self.track.mark();
                }
                () = tokio::time::sleep(Bystanders::HELD_UP) => {
                    let first = !self.drawing.swap(true, Ordering::Relaxed);
                    let _drawn = first.then(|| self.track.begin_at(Kind::Queued, at));
                    answer.await?;
                    if first {
                        self.drawing.store(false, Ordering::Relaxed);
                    }
                }
            }
        }
        let took = self.track.now() - at;
        let mut answers = self.answers.lock();
        answers.push((at, took));
        drop(answers);
        idle.lock().push(client);
        Ok(())
    }
}
