//! Handlers that wait for a message from a task or a thread.

use std::sync::Arc;
use std::thread;

use axum::routing::get;
use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};
use tokio::time::sleep;

use super::ms;
use crate::case::{ASYNC_FITS, Case, handler};

pub(super) fn cases() -> Vec<Case> {
    vec![
        handler("oneshot_from_task", ASYNC_FITS, "waits for a task", || {
            get(|| async {
                let (tell, told) = oneshot::channel();
                tokio::spawn(async move {
                    sleep(ms(5)).await;
                    tell.send("told")
                });
                told.await.unwrap_or_default()
            })
        }),
        handler(
            "oneshot_from_thread",
            ASYNC_FITS,
            "waits for a thread without blocking",
            || {
                get(|| async {
                    let (tell, told) = oneshot::channel();
                    thread::spawn(move || {
                        thread::sleep(ms(5));
                        tell.send("told")
                    });
                    told.await.unwrap_or_default()
                })
            },
        ),
        handler(
            "mpsc",
            ASYNC_FITS,
            "waits for each of four messages",
            || {
                get(|| async {
                    let (tell, mut told) = mpsc::channel(1);
                    tokio::spawn(async move {
                        for n in 0..4_u32 {
                            sleep(ms(2)).await;
                            tell.send(n).await.ok();
                        }
                    });
                    let mut sum = 0;
                    while let Some(n) = told.recv().await {
                        sum += n;
                    }
                    sum.to_string()
                })
            },
        ),
        handler("broadcast", ASYNC_FITS, "waits for an event", || {
            let events = broadcast::Sender::new(16);
            let sender = events.clone();
            tokio::spawn(async move {
                loop {
                    sleep(ms(5)).await;
                    drop(sender.send("event"));
                }
            });
            get(move || {
                let mut events = events.subscribe();
                async move { events.recv().await.unwrap_or_default() }
            })
        }),
        handler(
            "watch",
            ASYNC_FITS,
            "a long poll for the next version",
            || {
                let versions = watch::Sender::new(0_u64);
                let sender = versions.clone();
                tokio::spawn(async move {
                    loop {
                        sleep(ms(5)).await;
                        sender.send_modify(|version| *version += 1);
                    }
                });
                get(move || {
                    let mut versions = versions.subscribe();
                    async move { versions.changed().await.is_ok().to_string() }
                })
            },
        ),
        handler("notify", ASYNC_FITS, "waits until it is notified", || {
            get(|| async {
                let bell = Arc::new(Notify::new());
                let rung = bell.clone();
                tokio::spawn(async move {
                    sleep(ms(5)).await;
                    bell.notify_one();
                });
                rung.notified().await;
            })
        }),
    ]
}
