//! Invented endpoints with every verdict, for the tests of whatever shows a snapshot. Needs the
//! feature `fixtures`.

use crate::VerdictKind::*;
use crate::snapshot::EndpointKind::{Async, Sync};
use crate::snapshot::*;
use crate::{Phase, Reason, Severity, Verdict, VerdictKind};

/// Method, route, kind, verdict, requests a second, median in seconds, and the shares of the phases
/// in their order.
type Line = (
    &'static str,
    &'static str,
    EndpointKind,
    VerdictKind,
    f64,
    f64,
    [f64; 7],
);

#[rustfmt::skip]
const LINES: [Line; 15] = [
    ("GET", "/todos", Async, AsyncFits, 41.0, 0.0042, [0.96, 0.0, 0.03, 0.0, 0.0, 0.01, 0.0]),
    ("POST", "/todos", Async, AsyncFits, 9.0, 0.0071, [0.93, 0.0, 0.02, 0.0, 0.01, 0.04, 0.0]),
    ("GET", "/todos/{id}", Async, AsyncFits, 122.0, 0.0011, [0.91, 0.0, 0.06, 0.0, 0.0, 0.03, 0.0]),
    ("GET", "/reports/{id}", Async, BlocksEventLoop, 2.5, 0.310, [0.31, 0.0, 0.04, 0.62, 0.01, 0.02, 0.0]),
    ("POST", "/thumbnails/{id}", Async, ComputesOnEventLoop, 3.0, 0.082, [0.12, 0.0, 0.81, 0.0, 0.05, 0.02, 0.0]),
    ("GET", "/health", Async, NeverWaits, 1.0, 0.000_021, [0.0, 0.0, 0.94, 0.0, 0.0, 0.06, 0.0]),
    ("GET", "/export/{format}", Sync, WaitsInThread, 4.0, 0.64, [0.02, 0.81, 0.06, 0.0, 0.01, 0.10, 0.0]),
    ("GET", "/fibonacci/{n}", Sync, SyncFits, 15.0, 0.019, [0.0, 0.0, 0.88, 0.0, 0.08, 0.04, 0.0]),
    ("GET", "/version", Sync, SyncFits, 0.5, 0.000_004, [0.0, 0.0, 0.97, 0.0, 0.0, 0.03, 0.0]),
    ("GET", "/dashboard", Async, CouldOverlap, 6.0, 0.188, [0.985, 0.0, 0.01, 0.0, 0.0, 0.005, 0.0]),
    ("GET", "/legacy/soap", Async, SlowPolls, 0.3, 0.045, [0.40, 0.0, 0.0, 0.0, 0.0, 0.04, 0.56]),
    ("DELETE", "/todos/{id}", Async, TooEarly, 0.02, 0.0050, [0.90, 0.0, 0.06, 0.0, 0.0, 0.04, 0.0]),
    ("GET", "/events/{channel}/subscriptions/{subscription}/stream", Async, AsyncFits, 0.2, 31.0, [0.999, 0.0, 0.0008, 0.0, 0.0, 0.0002, 0.0]),
    ("PUT", "/todos/{id}/attachments/{attachment}", Async, AsyncFits, 0.7, 0.92, [0.78, 0.17, 0.03, 0.004, 0.0, 0.016, 0.0]),
    ("GET", "(no route)", Async, TooEarly, 0.0, 0.000_030, [0.0, 0.0, 0.9, 0.0, 0.0, 0.1, 0.0]),
];

/// Endpoints with every verdict, `at` seconds after the first look. Their requests grow with the
/// time.
#[must_use]
pub fn endpoints(at: f64) -> Vec<EndpointSnapshot> {
    LINES.into_iter().map(|line| endpoint(line, at)).collect()
}

fn endpoint(line: Line, at: f64) -> EndpointSnapshot {
    let (method, route, kind, verdict, rate, median, shares) = line;
    let requests = if verdict == VerdictKind::TooEarly {
        4
    } else {
        (rate * (600.0 + at)) as u64
    };
    let total = requests as f64 * median * 1.3;
    let phases = Phase::ALL.iter().copied().zip(shares);
    let hurts = u64::from(verdict.severity() == Severity::Problem);
    EndpointSnapshot {
        method,
        route: route.to_owned(),
        kind,
        place: (kind == EndpointKind::Sync).then_some(if median < 0.001 {
            "in place"
        } else {
            "pool"
        }),
        place_reason: (kind == EndpointKind::Sync).then_some(match median {
            ..0.001 => Reason::Short.words(),
            _ => Reason::New.words(),
        }),
        requests,
        in_flight: (rate * median * 1.3).ceil() as u64 + hurts,
        outcomes: Outcomes {
            succeeded: requests - requests / 20 - hurts * 8,
            refused: requests / 20,
            failed: hurts * 3,
            panicked: hurts,
            cancelled: hurts * 4,
        },
        duration: distribution(median, requests),
        head: distribution(median * 0.9, requests),
        phases: phases
            .map(|(phase, share)| PhaseTime {
                phase,
                seconds: share * total,
            })
            .collect(),
        waits: waits(verdict, requests, total),
        verdict: words(verdict, requests),
    }
}

fn waits(verdict: VerdictKind, count: u64, total: f64) -> Vec<WaitTime> {
    let wait = |label, union, sum| WaitTime {
        label,
        count,
        union,
        sum,
    };
    match verdict {
        VerdictKind::AsyncFits | VerdictKind::BlocksEventLoop => {
            vec![wait("db", total * 0.3, total * 0.3)]
        }
        VerdictKind::CouldOverlap => vec![
            wait("prices", total * 0.58, total * 0.58),
            wait("db", total * 0.4, total * 0.4),
            wait("shelves", total * 0.21, total * 0.39),
        ],
        _ => Vec::new(),
    }
}

fn distribution(median: f64, requests: u64) -> Distribution {
    let spread: Vec<Bucket> = (-40..70_i32)
        .filter_map(|step| {
            let from = median * 1.0625_f64.powi(step);
            let distance = f64::from(step) / if step < 0 { 9.0 } else { 19.0 };
            let second = 0.06 * (-(f64::from(step - 48) / 6.0).powi(2)).exp();
            let count = (((-distance * distance).exp() + second) * requests as f64 / 40.0) as u64;
            (count > 0).then_some(Bucket {
                from,
                to: from * 1.0625,
                count,
            })
        })
        .collect();
    Distribution {
        p50: median,
        p90: median * 2.9,
        p99: median * 21.0,
        max: median * 44.0,
        buckets: spread,
    }
}

/// What was seen, what to do, and what might be worth a look.
type Words = (&'static str, Option<&'static str>, Option<&'static str>);

#[rustfmt::skip]
fn said(kind: VerdictKind) -> Words {
    match kind {
        AsyncFits => ("waits 96 % of its time, and no poll took longer than 0.3 ms", None, None),
        BlocksEventLoop => (
            "was off the CPU inside a poll for 310 ms at the median: other requests on that thread stood still",
            Some("put the blocking call into `sabr::blocking`, or make the endpoint a plain `fn` with `sabr::sync`"),
            None,
        ),
        ComputesOnEventLoop => (
            "computed for 66 ms inside one poll at the median",
            Some("move the computation into `sabr::compute`, or make the endpoint a plain `fn` with `sabr::sync`"),
            None,
        ),
        NeverWaits => ("none of 600 requests was ever suspended", Some("a plain `fn` with `sabr::sync` is simpler and as fast"), None),
        WaitsInThread => (
            "waits 81 % of its time and holds one of 8 threads meanwhile: at most 12 requests/s",
            Some("make it an `async fn`, or give its pool more threads with `Builder::threads`"),
            None,
        ),
        SyncFits => ("computes off the event loop, 19 ms at the median", None, None),
        CouldOverlap => (
            "prices (109 ms) always ended before db (75 ms) began: one after the other 184 ms, together at least 109 ms",
            Some("if neither needs the other's result, join them with `sabr::overlap!`"),
            Some("shelves begins 4 ms after db and could begin with it"),
        ),
        SlowPolls => (
            "polls took up to 31 ms, and this thread's CPU time could not be read",
            Some("look at the stalls below, or run it on Linux to learn whether it blocks or computes"),
            None,
        ),
        TooEarly => ("4 requests; 20 are needed", None, None),
    }
}

fn words(kind: VerdictKind, sample: u64) -> Verdict {
    let (finding, advice, hint) = said(kind);
    let evidence = [
        format!("{sample} requests, 3 polls each on average"),
        "longest poll: 0.31 ms, of which on the CPU 0.29 ms".to_owned(),
        "95 % of requests are within the stated bounds".to_owned(),
    ];
    Verdict {
        kind,
        title: kind.title(),
        severity: kind.severity(),
        finding: finding.to_owned(),
        advice: advice.map(str::to_owned),
        sample,
        evidence: evidence.to_vec(),
        hint: hint.map(str::to_owned),
        accepted: None,
    }
}

/// One of the [`endpoints`], with the requests that are kept.
#[must_use]
pub fn detail(at: f64, method: &str, route: &str) -> Option<EndpointDetail> {
    let mut endpoints = endpoints(at).into_iter();
    let endpoint = endpoints.find(|e| e.method == method && e.route == route)?;
    let kept = kept(&endpoint);
    Some(EndpointDetail { endpoint, kept })
}

/// Up to six requests, with waits in sequence, concurrent, nested and dropped.
fn kept(endpoint: &EndpointSnapshot) -> Vec<KeptRequest> {
    let how = [
        (KeptAs::Slowest, "succeeded", Some(200), 44.0),
        (KeptAs::Slowest, "refused", Some(404), 31.0),
        (KeptAs::Slowest, "succeeded", Some(200), 21.0),
        (KeptAs::Failed, "failed", Some(500), 3.0),
        (KeptAs::Failed, "panicked", Some(500), 1.4),
        (KeptAs::Cancelled, "cancelled", None, 9.0),
    ];
    let hurt = endpoint.outcomes.failed > 0;
    let kept = how.into_iter().enumerate().take(if hurt { 6 } else { 3 });
    kept.map(|(at, (kept_as, outcome, status, times))| {
        let duration = endpoint.duration.p50 * times;
        let began_at_ms = 1_790_000_000_000 + 61_234 * at as u64;
        let wait = |label, from: f64, polled: f64, to: f64, finished, depth| KeptWait {
            label,
            created: from * duration,
            first_polled: polled * duration,
            ended: to * duration,
            finished,
            depth,
        };
        KeptRequest {
            kept_as,
            began_at_ms,
            outcome,
            status,
            duration,
            head: status.map(|_| duration * 0.93),
            polls: 9,
            segments: segments(endpoint, duration),
            segments_over_bound: if at == 1 { 212 } else { 0 },
            waits: vec![
                wait("session", 0.01, 0.01, 0.08, true, 0),
                wait("prices", 0.09, 0.09, 0.48, true, 0),
                wait("prices: connect", 0.09, 0.10, 0.17, true, 1),
                wait("db", 0.09, 0.49, 0.79, true, 0),
                wait("shelves", 0.52, 0.53, 0.9, outcome != "cancelled", 0),
            ],
            waits_over_bound: 0,
        }
    })
    .collect()
}

/// The phases of the endpoint by their shares, four times over, without gaps.
fn segments(endpoint: &EndpointSnapshot, duration: f64) -> Vec<Segment> {
    let total: f64 = endpoint.phases.iter().map(|phase| phase.seconds).sum();
    let mut from = 0.0;
    let mut segments = Vec::new();
    for round in [0.4, 0.1, 0.3, 0.2] {
        for phase in endpoint
            .phases
            .iter()
            .rev()
            .filter(|phase| phase.seconds > 0.0)
        {
            let to = from + duration * round * phase.seconds / total;
            segments.push(Segment {
                phase: phase.phase,
                from,
                to,
            });
            from = to;
        }
    }
    segments
}
