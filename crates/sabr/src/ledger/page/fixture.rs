//! An invented ledger with every verdict, for tests and for working on the page.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use sabr_ledger::fixtures;

use super::Source;
use crate::ledger::snapshot::*;

/// The invented figures. They grow with the time, as under load.
pub(super) fn source() -> Source {
    let began = Instant::now();
    let at = move || began.elapsed().as_secs_f64();
    Source {
        snapshot: Arc::new(move || snapshot(at())),
        endpoint: Arc::new(move |method, route| fixtures::detail(at(), method, route)),
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_millis() as u64
}

pub(super) fn snapshot(at: f64) -> Snapshot {
    Snapshot {
        taken_at_ms: now_ms(),
        uptime: 8_034.0 + at,
        tells_blocked_from_busy: true,
        shows_stacks: true,
        workers: 4,
        endpoints: fixtures::endpoints(at),
        pools: vec![
            pool("endpoint", 8, 8, 14),
            pool("compute", 4, 1, 0),
            pool("blocking", 64, 3, 0),
            pool("tasks", 2, 0, 0),
            pool("cleanup", 1, 0, 0),
        ],
        tasks: TaskSnapshot {
            queued: 3,
            running: 2,
            done: 18_220 + at as u64,
            failed: 4,
            skipped: 12,
            cancelled: 0,
            rejected: 0,
        },
        gauges: vec![GaugeGroup {
            title: "Group commits",
            gauges: vec![
                gauge("commits", 4_410.0 + (at * 3.0).floor(), ""),
                gauge("writes in a commit, on average", 8.25, ""),
                gauge("longest commit", 0.0182, "s"),
                gauge("write-ahead log", 3_405_000.0, "bytes"),
            ],
        }],
        stalls: stalls(),
    }
}

fn gauge(name: &'static str, value: f64, unit: &'static str) -> Gauge {
    Gauge { name, value, unit }
}

fn pool(name: &str, threads_max: usize, busy: usize, queued: usize) -> PoolSnapshot {
    PoolSnapshot {
        name: name.to_owned(),
        threads_max,
        threads: busy.max(1),
        busy,
        queued,
        finished: 1_000 * threads_max as u64,
        skipped: queued as u64 / 3,
        rejected: queued as u64 / 2,
        queue_time: 31.0 * queued as f64,
        queue_time_max: 0.09 * queued as f64,
    }
}

fn stalls() -> Vec<StallSnapshot> {
    let frame = |function: &str, file: &str, line, own| Frame {
        function: function.to_owned(),
        file: Some(file.to_owned()),
        line: Some(line),
        own,
    };
    let stack = vec![
        frame(
            "std::thread::sleep",
            "/rustc/library/std/src/thread/functions.rs",
            320,
            false,
        ),
        frame("shop::reports::render_chart", "src/reports.rs", 88, true),
        frame(
            "shop::http::reports::read::{{closure}}",
            "src/http/reports.rs",
            41,
            true,
        ),
        frame(
            "axum::handler::into_service_future::IntoServiceFuture<F>::poll",
            "axum-0.8.6/src/macros.rs",
            42,
            false,
        ),
        frame(
            "tokio::runtime::task::harness::Harness<T,S>::poll",
            "tokio-1.48.0/src/runtime/task/harness.rs",
            153,
            false,
        ),
    ];
    let stall = |method, route: &str, lasted_ms, stack| StallSnapshot {
        method,
        route: route.to_owned(),
        began_at_ms: now_ms() - lasted_ms,
        duration: lasted_ms as f64 / 1e3,
        in_progress: true,
        thread: "tokio-rt-worker-2".to_owned(),
        state: "blocked",
        stack,
    };
    let running = now_ms() % 8000;
    vec![
        stall("GET", "/reports/{id}", running, stack.clone()),
        StallSnapshot {
            began_at_ms: 1_790_000_000_000,
            in_progress: false,
            ..stall("GET", "/reports/{id}", 1204, stack)
        },
        StallSnapshot {
            began_at_ms: 1_789_999_000_000,
            in_progress: false,
            ..stall("POST", "/thumbnails/{id}", 131, Vec::new())
        },
    ]
}
