//! Handlers that wait as they should: they are suspended, and their thread is free.

use std::convert::Infallible;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};
use sabr::ledger::VerdictKind::AsyncFits;
use sabr::{NotRun, blocking};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

use crate::case::Case;
use crate::upstream::Upstream;
use crate::work::{Nth, ms, nap, spin, us};

pub(crate) fn cases(upstream: Upstream) -> Vec<Case> {
    [clocks(), answers(upstream), turns(), together()]
        .into_iter()
        .flatten()
        .collect()
}

fn clocks() -> Vec<Case> {
    let at_times = Nth::default();
    vec![
        Case::get("naps", AsyncFits, || nap(ms(3))),
        Case::get("naps_in_a_loop", AsyncFits, || async {
            for _ in 0..3 {
                nap(ms(1)).await;
            }
        }),
        Case::get("ticks", AsyncFits, || async {
            let mut clock = interval(ms(2));
            for _ in 0..3 {
                clock.tick().await;
            }
        }),
        Case::get("naps_one_time_in_ten", AsyncFits, move || async move {
            if at_times.is_due(10) {
                nap(ms(2)).await;
            }
        })
        .requests(120),
        Case::get("computes_half_a_ms_between_naps", AsyncFits, || async {
            for _ in 0..3 {
                spin(us(500));
                nap(ms(1)).await;
            }
        }),
        Case::get("times_out", AsyncFits, || async {
            match timeout(ms(2), std::future::pending::<()>()).await {
                Ok(()) => StatusCode::OK,
                Err(_) => StatusCode::GATEWAY_TIMEOUT,
            }
        }),
        Case::get("long_poll", AsyncFits, || async {
            let news = Notify::new();
            let _ = timeout(ms(4), news.notified()).await;
            StatusCode::NO_CONTENT
        }),
        Case::get("retries_with_backoff", AsyncFits, || async {
            for attempt in 0..3 {
                nap(Duration::from_millis(1 << attempt)).await;
            }
            StatusCode::BAD_GATEWAY
        }),
    ]
}

fn answers(upstream: Upstream) -> Vec<Case> {
    vec![
        Case::get("async_http_client", AsyncFits, move || async move {
            upstream.get().await.unwrap()
        }),
        Case::get("async_dns_query", AsyncFits, || async {
            let found = tokio::net::lookup_host("localhost:80").await;
            found.unwrap().count().to_string()
        }),
        Case::get("async_file", AsyncFits, || async {
            let text = tokio::fs::read_to_string("/etc/hosts").await;
            text.unwrap()
        }),
        Case::get("async_command", AsyncFits, async_command),
        Case::get("asks_an_actor", AsyncFits, || async {
            let (ask, mut asked) = mpsc::channel::<oneshot::Sender<&str>>(1);
            tokio::spawn(async move {
                while let Some(answer) = asked.recv().await {
                    nap(ms(2)).await;
                    let _ = answer.send("answer");
                }
            });
            let (give, take) = oneshot::channel();
            ask.send(give).await.unwrap();
            take.await.unwrap()
        }),
        Case::get("hears_a_broadcast", AsyncFits, || async {
            let (say, mut hear) = broadcast::channel(4);
            tokio::spawn(async move {
                nap(ms(2)).await;
                say.send("news").unwrap();
            });
            hear.recv().await.unwrap()
        }),
        Case::get("watches_a_value", AsyncFits, || async {
            let (set, mut see) = watch::channel(0);
            tokio::spawn(async move {
                nap(ms(2)).await;
                set.send(7).unwrap();
            });
            see.changed().await.unwrap();
            see.borrow().to_string()
        }),
    ]
}

/// Fork and exec block, so they run on the blocking pool. The wait for the end of the process is
/// async.
async fn async_command() -> Result<Vec<u8>, NotRun> {
    let runtime = Handle::current();
    let child = blocking(move || {
        let _inside = runtime.enter();
        let mut command = tokio::process::Command::new("sleep");
        let command = command.arg("0.003").stdout(Stdio::piped());
        command.spawn().unwrap()
    });
    Ok(child.await?.wait_with_output().await.unwrap().stdout)
}

/// Handlers in which one request waits for another.
fn turns() -> Vec<Case> {
    let permits = Arc::new(Semaphore::new(1));
    let (mutex, rwlock) = (Arc::new(Mutex::new(0)), Arc::new(RwLock::new(0)));
    vec![
        Case::get("waits_for_a_permit", AsyncFits, move || async move {
            let _permit = sabr::wait("permit", permits.acquire()).await.unwrap();
            nap(ms(2)).await;
        }),
        Case::get(
            "holds_a_tokio_mutex_across_a_nap",
            AsyncFits,
            move || async move {
                let mut shared = mutex.lock().await;
                nap(ms(2)).await;
                *shared += 1;
            },
        ),
        Case::get(
            "writes_under_a_tokio_rwlock",
            AsyncFits,
            move || async move {
                let mut shared = rwlock.write().await;
                nap(ms(2)).await;
                *shared += 1;
            },
        ),
    ]
}

/// Handlers with several waits at once.
fn together() -> Vec<Case> {
    vec![
        Case::get("join", AsyncFits, || async {
            tokio::join!(nap(ms(2)), nap(ms(3)));
        }),
        Case::get("try_join", AsyncFits, || async {
            let fails = async {
                nap(ms(2)).await;
                Err::<(), _>(StatusCode::BAD_GATEWAY)
            };
            let waits = async {
                nap(ms(50)).await;
                Ok(())
            };
            tokio::try_join!(fails, waits).map(|_| "ok")
        }),
        Case::get("select", AsyncFits, || async {
            tokio::select! {
                () = nap(ms(2)) => "fast",
                () = nap(ms(50)) => "slow",
            }
        }),
        Case::get("futures_unordered", AsyncFits, || async {
            let mut all: FuturesUnordered<_> = (1..6).map(|n| nap(ms(n))).collect();
            while all.next().await.is_some() {}
        })
        // Why alone: the handler wakes itself once. On a busy event loop, it is polled only after
        // its waits are over.
        .alone(),
        Case::get("join_set", AsyncFits, || async {
            let mut all = JoinSet::new();
            for n in 1..6 {
                all.spawn(nap(ms(n)));
            }
            all.join_all().await;
        }),
        Case::get("buffered_stream", AsyncFits, || async {
            let naps = stream::iter(0..6).map(|_| nap(ms(2)));
            naps.buffer_unordered(3).collect::<Vec<_>>().await;
        })
        .alone(),
        Case::get("middleware_naps", AsyncFits, || async { "ok" }).within(|handler| {
            handler.layer(axum::middleware::from_fn(
                |request, next: axum::middleware::Next| async move {
                    nap(ms(2)).await;
                    Ok::<_, Infallible>(next.run(request).await)
                },
            ))
        }),
    ]
}
