//! Waits that run one after the other, and whether they could run concurrently.

use sabr::ledger::VerdictKind::{AsyncFits, CouldOverlap};
use sabr::{overlap, wait};

use crate::case::Case;
use crate::work::{ms, nap};

/// Part of the hint on a sequence whose waits may depend on each other.
const HINT: &str = "if independent";

pub(crate) fn cases() -> Vec<Case> {
    [could_overlap(), fits()].into_iter().flatten().collect()
}

fn could_overlap() -> Vec<Case> {
    vec![
        Case::get("made_together_awaited_in_turn", CouldOverlap, || async {
            let user = wait("db", nap(ms(3)));
            let weather = wait("api", nap(ms(4)));
            user.await;
            weather.await;
        })
        .says("sabr::overlap!"),
        Case::get(
            "three_made_together_awaited_in_turn",
            CouldOverlap,
            || async {
                let waits = ["db", "cache", "api"].map(|label| wait(label, nap(ms(3))));
                for one in waits {
                    one.await;
                }
            },
        )
        .says("and 1 more"),
        Case::get(
            "first_needed_then_two_made_together",
            CouldOverlap,
            || async {
                wait("session", nap(ms(2))).await;
                let (user, weather) = (wait("db", nap(ms(3))), wait("api", nap(ms(3))));
                user.await;
                weather.await;
            },
        )
        .says("then api"),
    ]
}

fn fits() -> Vec<Case> {
    vec![
        Case::get("one_after_the_other", AsyncFits, || async {
            wait("db", nap(ms(3))).await;
            wait("api", nap(ms(4))).await;
        })
        .says(HINT),
        Case::get("query_for_each_row", AsyncFits, || async {
            for _ in 0..4 {
                wait("query", nap(ms(2))).await;
            }
        })
        .says(HINT),
        Case::get("unlabelled_sequence", AsyncFits, || async {
            nap(ms(2)).await;
            nap(ms(2)).await;
        })
        .never_says(HINT),
        Case::get("labelled_join", AsyncFits, || async {
            tokio::join!(wait("db", nap(ms(3))), wait("api", nap(ms(4))));
        })
        .never_says(HINT),
        Case::get("overlap", AsyncFits, || async {
            overlap!(wait("db", nap(ms(3))), wait("api", nap(ms(4))));
        })
        .never_says(HINT),
        Case::get("wait_inside_a_wait", AsyncFits, || async {
            wait("report", async {
                wait("db", nap(ms(2))).await;
                wait("db", nap(ms(2))).await;
            })
            .await;
        })
        .never_says(HINT),
        Case::get("tasks_that_run_already", AsyncFits, || async {
            let user = wait("db", tokio::spawn(nap(ms(4))));
            let weather = wait("api", tokio::spawn(nap(ms(2))));
            user.await.unwrap();
            weather.await.unwrap();
        })
        .never_says(HINT),
        Case::get("cache_hit_then_a_query", AsyncFits, || async {
            wait("cache", std::future::ready(())).await;
            wait("db", nap(ms(4))).await;
        })
        .never_says(HINT),
        Case::get("first_answer_wins", AsyncFits, || async {
            tokio::select! {
                () = wait("one", nap(ms(2))) => {}
                () = wait("other", nap(ms(50))) => {}
            }
        })
        .never_says(HINT),
    ]
}
