//! Every seed, and a bounded number of variations of the seeds, for each target.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use fuzz::{Service, Target};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

fn seeds(target: Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let files = fs::read_dir(folder.join(target.name())).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// A seed in which at most three ranges are replaced by other bytes or by pieces of other seeds.
fn variation(seeds: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..6),
        (select(seeds.to_vec()), any::<(u8, u8)>()).prop_map(|(seed, (from, length))| {
            let from = usize::from(from) % seed.len();
            let to = seed.len().min(from + usize::from(length % 16));
            seed[from..to].to_vec()
        }),
        select(vec![
            "null", "\"", "\\u0000", "1e999", "{", "]", "%00", "-0", "é", "\u{202e}"
        ])
        .prop_map(|token| token.as_bytes().to_vec()),
    ];
    let edits = vec((any::<u16>(), 0..8_usize, piece), 0..4);
    (select(seeds.to_vec()), edits).prop_map(|(mut input, edits)| {
        for (at, removed, piece) in edits {
            let at = usize::from(at) % (input.len() + 1);
            let to = input.len().min(at + removed);
            input.splice(at..to, piece);
        }
        input
    })
}

fn check(target: Target) {
    let service = Service::start();
    let seeds = seeds(target);
    for seed in &seeds {
        service.check(target, seed);
    }
    let config = Config {
        cases: 500,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng)
        .run(&variation(&seeds), |input| {
            service.check(target, &input);
            Ok(())
        })
        .unwrap();
}

macro_rules! targets {
    ($($test:ident: $target:ident,)+) => {
        $(#[test]
        fn $test() {
            check(Target::$target);
        })+
    };
}

targets! {
    cursors: Cursor,
    last_event_ids: LastEventId,
    bodies: Body,
    merge_patches: Patch,
    query_strings: Query,
    headers: Header,
    paths: Path,
}
