//! Handlers that wait for each other, or for several things at once.

use std::sync::Arc;

use axum::routing::{MethodRouter, get};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, future, stream};
use tokio::sync::{Barrier, Mutex, RwLock, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::ms;
use crate::case::{ASYNC_FITS, Case, handler};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = contended();
    cases.extend(together());
    cases
}

fn contended() -> Vec<Case> {
    vec![
        handler(
            "mutex_held_across_a_wait",
            ASYNC_FITS,
            "waits for the lock and in it",
            || {
                let lock = Arc::new(Mutex::new(0_u32));
                get(move || async move {
                    let mut count = lock.lock().await;
                    sleep(ms(2)).await;
                    *count += 1;
                    count.to_string()
                })
            },
        ),
        handler(
            "rwlock_with_writer",
            ASYNC_FITS,
            "readers wait for a writer",
            with_writer,
        ),
        handler("semaphore", ASYNC_FITS, "waits for a permit of two", || {
            let permits = Arc::new(Semaphore::new(2));
            get(move || async move {
                let _permit = permits.acquire().await;
                sleep(ms(3)).await;
            })
        })
        .at_once(8),
        handler(
            "semaphore_behind_tasks",
            ASYNC_FITS,
            "waits for a permit, and only so",
            || {
                let permits = Arc::new(Semaphore::new(1));
                get(move || async move {
                    let holder = permits.clone().acquire_owned().await;
                    tokio::spawn(async move {
                        sleep(ms(2)).await;
                        drop(holder);
                    });
                })
            },
        ),
        handler("barrier", ASYNC_FITS, "waits for a second party", || {
            get(|| async {
                let barrier = Arc::new(Barrier::new(2));
                let other = barrier.clone();
                tokio::spawn(async move {
                    sleep(ms(5)).await;
                    other.wait().await;
                });
                barrier.wait().await;
            })
        }),
        handler(
            "full_channel",
            ASYNC_FITS,
            "waits for room in a channel",
            || {
                let (tell, mut told) = mpsc::channel::<u32>(1);
                tokio::spawn(async move {
                    while told.recv().await.is_some() {
                        sleep(ms(3)).await;
                    }
                });
                get(move || async move { tell.send(1).await.is_ok().to_string() })
            },
        ),
        handler(
            "actor",
            ASYNC_FITS,
            "asks an actor, which takes its time",
            || {
                let (ask, mut asked) = mpsc::channel::<tokio::sync::oneshot::Sender<u32>>(64);
                tokio::spawn(async move {
                    while let Some(reply) = asked.recv().await {
                        sleep(ms(2)).await;
                        reply.send(1).ok();
                    }
                });
                get(move || async move {
                    let (reply, replied) = tokio::sync::oneshot::channel();
                    drop(ask.send(reply).await);
                    replied.await.unwrap_or_default().to_string()
                })
            },
        ),
    ]
}

fn with_writer() -> MethodRouter {
    let lock = Arc::new(RwLock::new(0_u32));
    let written = lock.clone();
    tokio::spawn(async move {
        loop {
            let mut value = written.write().await;
            sleep(ms(4)).await;
            *value += 1;
            drop(value);
            sleep(ms(1)).await;
        }
    });
    get(move || async move { lock.read().await.to_string() })
}

fn together() -> Vec<Case> {
    vec![
        handler("join", ASYNC_FITS, "two waits together", || {
            get(|| async {
                tokio::join!(sleep(ms(4)), sleep(ms(6)));
            })
        }),
        handler("select", ASYNC_FITS, "the first of two waits", || {
            get(|| async {
                tokio::select! {
                    () = sleep(ms(4)) => "first",
                    () = sleep(ms(50)) => "second",
                }
            })
        }),
        handler("join_all", ASYNC_FITS, "ten waits together", || {
            get(|| async {
                future::join_all((0..10).map(|n| sleep(ms(n)))).await;
            })
        }),
        handler(
            "futures_unordered",
            ASYNC_FITS,
            "ten waits as they end",
            || {
                get(|| async {
                    let mut waits: FuturesUnordered<_> = (1..10).map(|n| sleep(ms(n))).collect();
                    while waits.next().await.is_some() {}
                })
            },
        ),
        handler(
            "buffer_unordered",
            ASYNC_FITS,
            "nine waits, three at once",
            || {
                get(|| async {
                    let waits = stream::iter(0..9).map(|_| sleep(ms(2)));
                    waits
                        .buffer_unordered(3)
                        .collect::<Vec<()>>()
                        .await
                        .len()
                        .to_string()
                })
            },
        ),
        handler("join_set", ASYNC_FITS, "waits for tasks", || {
            get(|| async {
                let mut tasks = JoinSet::new();
                for n in 1..6 {
                    tasks.spawn(sleep(ms(n)));
                }
                tasks.join_all().await.len().to_string()
            })
        }),
        handler(
            "spawned_and_awaited",
            ASYNC_FITS,
            "waits for a task that waits",
            || get(|| async { tokio::spawn(sleep(ms(5))).await.is_ok().to_string() }),
        ),
        handler(
            "spawned_by_sabr",
            ASYNC_FITS,
            "waits for a part of itself",
            || get(|| async { sabr::spawn(sleep(ms(5))).await.is_ok().to_string() }),
        ),
        handler(
            "race_with_a_loser",
            ASYNC_FITS,
            "drops the slower of two waits",
            || {
                get(|| async {
                    let slow = Box::pin(sleep(ms(50)));
                    let quick = Box::pin(sleep(ms(3)));
                    drop(future::select(slow, quick).await);
                })
            },
        ),
    ]
}
