//! A blocking call, first inside an `async fn` and then in a plain `fn`, and how long other
//! requests wait meanwhile.

use std::hint::black_box;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use sabr::ledger::snapshot::StallSnapshot;
use sabr::{Ledger, Sabr, sync};

use super::bench::{Bench, Findings};
use crate::load::{Bystanders, Felt};
use crate::record::LiveTrack;
use crate::server::Server;
use crate::timeline::Kind;
use crate::{LabError, Scale, Table, client, words};

const CALL: Duration = Duration::from_secs(1);
/// The shortest call. A shorter one could end before the watchdog looks.
const CALL_MIN: Duration = Duration::from_millis(200);
const STALL_LIMIT: Duration = Duration::from_millis(50);

/// How long to wait for the watchdog's report. Why so long: at the first stall the watchdog reads
/// the debug information of the program. That takes a tenth of a second if the program is
/// optimised, and many seconds if it is not and the machine is busy.
const WATCHDOG_PATIENCE: Duration = Duration::from_secs(30);

/// Whether the watchdog can read the stacks of threads on this target (`sabr`'s feature `stacks`).
const STACKS: bool = cfg!(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
));

/// A call that waits and occupies its thread, like a client library without async, a lock or a slow
/// disk.
#[inline(never)]
fn blocking_call(time: Duration) {
    std::thread::sleep(time);
    // Why: without a statement after the sleep, the optimiser turns the sleep into a tail call, and
    // this function is not on the stack.
    black_box(time);
}

pub(super) fn horizon(scale: Scale) -> Duration {
    length(scale) * 5 / 3
}

/// The length of the call.
fn length(scale: Scale) -> Duration {
    scale.of(CALL).max(CALL_MIN)
}

pub(super) async fn run(bench: &Bench<'_>) -> Result<Findings, LabError> {
    let call = length(bench.scale());

    let part = bench.part("the call inside an async fn");
    let (track, others) = (part.track("the call"), part.track("bystanders"));
    let drawn = track.clone();
    let handler = async move || {
        let _span = drawn.begin(Kind::Blocked);
        blocking_call(call);
        "done"
    };
    let router = Router::new().route("/async", get(handler));
    let server = serve(router).await?;
    let inside = ask(bench, &server, "/async", call, &track, others).await?;
    part.note(held_up(&inside));
    let stall = stall_of(&server.sabr.ledger()).await;
    server.stop().await;

    let part = bench.part("the call in a plain fn, with sync(f)");
    let (track, others) = (part.track("the call"), part.track("bystanders"));
    let drawn = track.clone();
    let handler = move || {
        let _span = drawn.begin(Kind::WaitingInThread);
        blocking_call(call);
        "done"
    };
    let router = Router::new().route("/sync", get(sync(handler)));
    let server = serve(router).await?;
    let beside = ask(bench, &server, "/sync", call, &track, others).await?;
    part.note(held_up(&beside));
    server.stop().await;

    bench.figure("call_seconds", call.as_secs_f64());
    bench.figure("async_bystander_median_seconds", inside.median);
    bench.figure("async_bystander_max_seconds", inside.longest);
    bench.figure("sync_bystander_median_seconds", beside.median);
    bench.figure("sync_bystander_max_seconds", beside.longest);
    bench.figure("stalls_seen", f64::from(u8::from(stall.is_some())));
    Ok(findings(call, &inside, &beside, stall))
}

async fn serve(router: Router) -> Result<Server, LabError> {
    let sabr = Sabr::builder().stall_limit(STALL_LIMIT).build();
    let router = router.route("/quick", get(async || "quick"));
    // The event loop has one thread, so that a single call blocks all of it.
    Server::start(1, sabr, router).await
}

/// Sends the request with the blocking call. Returns how long the bystanders waited during it.
async fn ask(
    bench: &Bench<'_>,
    server: &Server,
    path: &str,
    call: Duration,
    track: &LiveTrack,
    others: LiveTrack,
) -> Result<Felt, LabError> {
    let calm = call / 3;
    let bystanders = Bystanders::of(server.address, others.clone());
    bench.progress(path, 0, 1);
    tokio::time::sleep(calm).await;
    let from = track.now();
    client::get(server.address, path).await?;
    let to = track.now();
    tokio::time::sleep(calm).await;
    bench.progress(path, 1, 1);
    let felt = bystanders.felt(from, to);
    track.note(words::time(to - from));
    others.note(words::time(felt.longest));
    Ok(felt)
}

fn held_up(felt: &Felt) -> String {
    format!("bystanders waited up to {}", words::time(felt.longest))
}

/// Waits for the watchdog's report of the stall, which may come a little after the stall. It has a
/// stack if the target supports that.
async fn stall_of(ledger: &Ledger) -> Option<StallSnapshot> {
    let found = async {
        loop {
            let stall = ledger.snapshot().stalls.into_iter().next();
            if stall.as_ref().is_some_and(|stall| !stall.stack.is_empty()) {
                return stall;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    match tokio::time::timeout(patience(), found).await {
        Ok(stall) => stall,
        // Without a stack, the report still has the route.
        Err(_) => ledger.snapshot().stalls.into_iter().next(),
    }
}

fn patience() -> Duration {
    if STACKS {
        WATCHDOG_PATIENCE
    } else {
        Duration::from_millis(100)
    }
}

fn line_of(stall: &StallSnapshot) -> String {
    let (method, route) = (stall.method, &stall.route);
    let own = stall.stack.iter().find(|frame| frame.own);
    let place = own.or(stall.stack.first()).map(|frame| {
        let line = frame.file.as_ref().zip(frame.line);
        let line = line.map_or(String::new(), |(file, line)| format!("{file}:{line} "));
        format!(", at {line}({})", frame.function)
    });
    format!(
        "The watchdog: {method} {route} held a thread of the event loop, {}{}",
        stall.state,
        place.unwrap_or_default(),
    )
}

fn findings(
    call: Duration,
    inside: &Felt,
    beside: &Felt,
    stall: Option<StallSnapshot>,
) -> Findings {
    let call = words::time(call.as_secs_f64());
    let mut table = Table::new([
        "bystanders, while the call goes on",
        "asked",
        "median",
        "longest",
    ]);
    let mut row = |how: &str, felt: &Felt| {
        table.row([
            how.to_owned(),
            words::count(felt.asked),
            words::time(felt.median),
            words::time(felt.longest),
        ]);
    };
    row("the call inside an async fn", inside);
    row("the call in a plain fn, with sync(f)", beside);
    Findings {
        table,
        said: [
            format!(
                "A call that blocks for {call} inside an async fn held up everybody else on that thread: the median \
                 bystander waited {}, the unluckiest {}.",
                words::time(inside.median),
                words::time(inside.longest),
            ),
            format!(
                "As a plain fn, with sync(f), the same call took as long, and bystanders waited {}, at most {}.",
                words::time(beside.median),
                words::time(beside.longest),
            ),
        ],
        ledger: stall.as_ref().map(line_of).into_iter().collect(),
    }
}
