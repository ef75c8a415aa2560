//! Checks the dependencies: their licences, their sources, and duplicate versions.
//!
//! Why not `cargo deny`: building it takes longer than all other checks, and it would check the
//! same three things. Its database of advisories needs a network that a build may not have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Licences that allow linking into a program of any licence, as parts of SPDX expressions.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The packages that are built in two versions, and the package that needs the older one.
const DUPLICATES: &[(&str, &str)] = &[
    ("getrandom", "ahash, which jsonschema needs"),
    ("gimli", "framehop; `backtrace` needs the newer one"),
    ("syn", "macros at build time only; the newer one is serde's"),
];

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Cargo downloads what is missing: a build fetches the packages of its own platform only, and
/// the packages of every platform are checked here.
fn cargo(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .arg("--locked")
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Value> {
    let text = cargo(&["metadata", "--format-version", "1", "--all-features"]);
    let mut metadata: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(packages) = metadata["packages"].take() else {
        panic!("cargo metadata lists packages");
    };
    packages
}

/// Whether one alternative of an SPDX expression consists of allowed licences.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    let mut alternatives = plain.split(" OR ");
    alternatives.any(|all| all.split(" AND ").all(|one| LICENCES.contains(&one.trim())))
}

#[test]
fn every_dependency_has_a_permissive_licence_and_comes_from_the_registry() {
    let mut refused = Vec::new();
    for package in packages() {
        let Some(source) = package["source"].as_str() else {
            continue; // Ours.
        };
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence) || !source.starts_with("registry+") {
            refused.push(format!("{} {licence:?} {source}", package["name"]));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn no_dependency_is_linked_twice() {
    let tree = cargo(&[
        "tree",
        "--package",
        "todo",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    let twice: Vec<_> = versions
        .iter()
        .filter(|(name, versions)| {
            versions.len() > 1 && !DUPLICATES.iter().any(|(excused, _)| excused == *name)
        })
        .collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

/// The crates that cannot be published are parts of the service.
#[test]
fn only_the_libraries_can_be_published() {
    let publishable: BTreeSet<_> = packages()
        .iter()
        .filter(|package| package["source"].is_null() && package["publish"].is_null())
        .map(|package| package["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    let expected = [
        "sabr",
        "sabr-assets",
        "sabr-ledger",
        "sabr-sqlite",
        "sabr-watchdog",
    ];
    assert_eq!(publishable, expected.map(str::to_owned).into());
}
