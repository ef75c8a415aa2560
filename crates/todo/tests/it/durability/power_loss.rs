//! Simulates a loss of power at any moment. Unsynced data is then lost, complete or torn.
//!
//! A test cannot cut the power of a machine. Instead, a library that is loaded into the process
//! records its file operations (`disk.c`). Each round derives from the recording what a disk may
//! hold after a cut at some moment (`recording.rs`). `TODO_POWER_LOSS_ROUNDS=200 cargo test -p todo
//! --test it durability::power_loss` runs that many rounds.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use super::history::{Todos, Write, check};
use super::load::{Load, Position, all_todos};
use super::recording::{Image, Recording};
use super::rounds;
use crate::process::Process;
use crate::random::Random;
use crate::server::Client;

/// Builds the recording library.
fn recorder() -> PathBuf {
    let library = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("record_disk.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/durability/disk.c");
    let built = Command::new("cc")
        .args(["-Wall", "-Werror", "-shared", "-fPIC", "-O1", source, "-o"])
        .arg(&library)
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(built.success());
    library
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_loss_of_power() {
    let rounds = rounds("TODO_POWER_LOSS_ROUNDS", 6);
    let recorder = recorder();
    let outside = tempfile::tempdir().unwrap();
    let (mut before, mut image) = (Todos::new(), Image::default());
    let (mut answered, mut dropped) = (0, 0);
    for round in 0..rounds {
        let folder = outside.path().join(format!("round-{round}"));
        let journal = outside.path().join(format!("round-{round}.journal"));
        image.restore(&folder);
        let mut random = Random::new(round);

        let variables = [
            ("LD_PRELOAD", recorder.as_path()),
            ("POWER_LOSS_FOLDER", &folder),
            ("POWER_LOSS_JOURNAL", &journal),
        ];
        let database = folder.join("todo.db");
        let process = Process::start_with(&database, &["--log-level", "off"], &variables);
        let written = journal.clone();
        let position: Position = Arc::new(move || fs::metadata(&written).unwrap().len());
        let begun = position();
        let load = Load::start(&process.address, 1 + random.below(400), &position);
        load.reached().await;
        // A graceful shutdown checkpoints the WAL. The power may fail during that, too.
        if round % 3 == 2 {
            process.signal("TERM");
            drop(process.end());
        } else {
            process.kill();
        }
        let writes = load.end().await;

        // Half of the cuts are at the end of the recording, where the most data may be lost. The
        // others are anywhere before.
        let recording = Recording::read(&journal);
        let cut = match random.below(2) {
            0 => recording.end(),
            _ => begun + random.below(recording.end() - begun),
        };
        dropped += recording.unsynced(&image, cut);
        image = recording.after_cut(&image, cut, &mut random);
        image.restore(&folder);
        let process = Process::start(&database, &["--log-level", "off"]);
        let found = all_todos(&Client::new(process.address.clone())).await;
        check(&before, &writes, cut, &found).unwrap_or_else(|lost| panic!("round {round}: {lost}"));
        process.kill();
        // A kill loses nothing that was written to the files, synced or not.
        image = Image::of(&folder);
        let at = |write: &Write| write.answered_at.is_some_and(|at| at <= cut);
        answered += writes.iter().filter(|write| at(write)).count();
        before = found;
        fs::remove_dir_all(&folder).unwrap();
        fs::remove_file(&journal).unwrap();
    }
    println!(
        "{rounds} rounds, {answered} writes answered, none lost; {dropped} unsynced at the cuts"
    );
    assert!(
        rounds == 0 || dropped > 0,
        "no cut found anything that was not synced"
    );
}
