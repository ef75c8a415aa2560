//! Async handlers that compute for milliseconds in one poll.

use axum::Json;
use axum::routing::get;
use sabr_sqlite::rusqlite::Connection;
use std::sync::{Arc, Mutex};

use super::ms;
use crate::case::{COMPUTES, Case, handler};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = algorithms();
    cases.extend(text_and_bytes());
    cases
}

fn algorithms() -> Vec<Case> {
    vec![
        handler("hash", COMPUTES, "hashes for five milliseconds", || {
            get(|| async { work::burn(5000).to_string() })
        }),
        handler("password", COMPUTES, "stretches a password", || {
            get(|| async { work::stretch_password("patience") })
        }),
        handler("sort", COMPUTES, "sorts many numbers", || {
            get(|| async { work::sort().to_string() })
        }),
        handler("primes", COMPUTES, "counts primes", || {
            get(|| async { work::primes().to_string() })
        }),
        handler("matrices", COMPUTES, "multiplies matrices", || {
            get(|| async { work::multiply_matrices().to_string() })
        }),
        handler("edit_distance", COMPUTES, "compares two texts", || {
            get(|| async { work::edit_distance().to_string() })
        }),
        handler("mandelbrot", COMPUTES, "draws a picture", || {
            get(|| async { work::mandelbrot().to_string() })
        }),
        handler("index", COMPUTES, "builds a tree of strings", || {
            get(|| async { work::build_index().to_string() })
        }),
        handler("spins_on_a_flag", COMPUTES, "waits by spinning", || {
            get(|| async {
                let since = std::time::Instant::now();
                while since.elapsed() < ms(5) {
                    std::hint::spin_loop();
                }
            })
        }),
        handler(
            "sqlite_query",
            COMPUTES,
            "a long query of a database in memory",
            || {
                let connection = Connection::open_in_memory().expect("a database in memory");
                let connection = Arc::new(Mutex::new(connection));
                get(move || async move {
                    let connection = connection.lock().expect("nobody panics with it");
                    let sum = connection.query_row(LONG_QUERY, [], |row| row.get::<_, i64>(0));
                    sum.unwrap_or_default().to_string()
                })
            },
        )
        .at_once(1),
    ]
}

/// Takes some ten milliseconds.
const LONG_QUERY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                          WHERE i < 60000) SELECT sum(i) FROM n";

fn text_and_bytes() -> Vec<Case> {
    vec![
        handler(
            "pattern",
            COMPUTES,
            "matches a pattern against a long text",
            || get(|| async { work::match_pattern().to_string() }),
        ),
        handler(
            "word_count",
            COMPUTES,
            "counts the words of a long text",
            || get(|| async { work::count_words(&work::prose()).to_string() }),
        ),
        handler("large_page", COMPUTES, "formats a large page", || {
            get(|| async { work::render_large() })
        }),
        handler(
            "large_json_answer",
            COMPUTES,
            "serialises a large value",
            || {
                get(|| async {
                    let rows = if cfg!(debug_assertions) {
                        1_000
                    } else {
                        12_000
                    };
                    Json(work::large_value(rows))
                })
            },
        ),
        handler(
            "large_json_parsed",
            COMPUTES,
            "parses a large document",
            || get(|| async { work::parse(&work::large_json()).to_string() }),
        )
        .exactly(60),
        handler("compress", COMPUTES, "compresses a large document", || {
            get(|| async { work::compress(&work::large_json()).len().to_string() })
        })
        .exactly(60),
        handler(
            "decompress",
            COMPUTES,
            "decompresses a large document",
            || get(|| async { work::decompress(work::compressed_json()).to_string() }),
        ),
        handler(
            "copy_of_much_memory",
            COMPUTES,
            "fills and adds up 16 MB",
            || {
                get(|| async {
                    let memory = vec![1_u64; 2_000_000];
                    let some = if cfg!(debug_assertions) { 16 } else { 1 };
                    memory.iter().step_by(some).sum::<u64>().to_string()
                })
            },
        ),
    ]
}
