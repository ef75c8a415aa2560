//! Handlers that compute for long inside a poll.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, LazyLock};

use axum::Json;
use axum::extract::DefaultBodyLimit;
use sabr::ledger::VerdictKind::{ComputesOnEventLoop, NeverWaits};
use serde_json::{Value, json};

use crate::calling::Client;
use crate::case::Case;
use crate::work::{Nth, cpu_time, ms, nap, spin};

pub(crate) fn cases() -> Vec<Case> {
    let bad = ComputesOnEventLoop;
    let (at_times, rarely) = (Nth::default(), Nth::default());
    let (document, text) = large_json();
    LazyLock::force(&CACHED_FILE);
    vec![
        Case::get("computes_2_ms", bad, || async { spin(ms(2)) }).says("sabr::compute"),
        Case::get("computes_5_ms", bad, || async { spin(ms(5)) }),
        Case::get("computes_20_ms", bad, || async { spin(ms(20)) }),
        Case::get("computes_200_ms", bad, || async { spin(ms(200)) }).requests(3),
        Case::get("computes_one_time_in_ten", bad, move || async move {
            if at_times.is_due(10) {
                spin(ms(3));
            }
        })
        .requests(60),
        // Two slow polls in 112 requests are too few for a verdict.
        Case::get(
            "computes_one_time_in_sixty",
            NeverWaits,
            move || async move {
                if rarely.is_due(60) {
                    spin(ms(3));
                }
            },
        ),
        Case::get("waits_then_computes", bad, waits_then_computes),
        Case::get("computes_beside_a_wait", bad, computes_beside_a_wait),
        Case::get("recursion", bad, recursion),
        Case::get("serializes_a_large_json", bad, move || async move {
            Json(document.as_ref().clone())
        })
        .requests(4),
        Case::post("parses_a_large_json", bad, parses_a_large_json)
            .within(|handler| handler.layer(DefaultBodyLimit::disable()))
            .client(Client::Uploads(text.into()))
            .requests(4),
        // The file is in memory, so the handler copies 16 MB and waits for no disk.
        Case::get("reads_a_cached_file", bad, reads_a_cached_file),
    ]
}

async fn waits_then_computes() {
    nap(ms(2)).await;
    spin(ms(3));
}

async fn computes_beside_a_wait() {
    tokio::join!(nap(ms(5)), async { spin(ms(3)) });
}

fn fibonacci(n: u64) -> u64 {
    if n < 2 {
        n
    } else {
        fibonacci(n - 1) + fibonacci(n - 2)
    }
}

async fn recursion() -> String {
    let end = cpu_time() + ms(3);
    let mut sum = 0_u64;
    while cpu_time() < end {
        sum = sum.wrapping_add(fibonacci(std::hint::black_box(15)));
    }
    sum.to_string()
}

/// About 400 KB, because the unoptimised build of the tests is slow: an optimised one would parse
/// many MB in this time.
fn large_json() -> (Arc<Value>, Vec<u8>) {
    let user = |id| json!({ "id": id, "name": "Ada", "tags": ["one", "two"], "score": 0.5 });
    let document = Value::Array((0..6_000).map(user).collect());
    let text = serde_json::to_vec(&document).unwrap();
    (Arc::new(document), text)
}

async fn parses_a_large_json(Json(document): Json<Value>) -> String {
    document.as_array().unwrap().len().to_string()
}

/// A file that is always in memory, because `/dev/shm` has no disk. The file has no name any more.
static CACHED_FILE: LazyLock<File> = LazyLock::new(|| {
    let path = format!("/dev/shm/sabr-corpus-{}", std::process::id());
    let mut options = File::options();
    let file = options.read(true).write(true).create_new(true).open(&path);
    let file = file.unwrap();
    std::fs::remove_file(path).unwrap();
    file.write_all_at(&vec![7; CACHED_BYTES], 0).unwrap();
    file
});
const CACHED_BYTES: usize = 16 << 20;

async fn reads_a_cached_file() -> String {
    let mut content = vec![0; CACHED_BYTES];
    CACHED_FILE.read_exact_at(&mut content, 0).unwrap();
    content.len().to_string()
}
