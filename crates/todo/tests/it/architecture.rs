//! Checks what ARCHITECTURE.md promises of the code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// The lines without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn every_path_in_the_architecture_exists() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(
        page.lines().count() <= 200,
        "the map has grown too long to be one"
    );
    let quoted = page.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|text| {
        text.starts_with("crates/") || text.starts_with("docs/") || text.starts_with("bench")
    });
    let missing: Vec<_> = paths.filter(|path| !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// All crates on which a crate depends, directly or indirectly, except for its tests.
fn dependencies(name: &str) -> Vec<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", name, "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{tree:?}");
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn the_domain_has_no_http_no_sql_no_runtime_and_no_serialisation() {
    let found = dependencies("todo-core");
    for name in [
        "tokio",
        "axum",
        "http",
        "rusqlite",
        "serde",
        "serde_json",
        "schemars",
    ] {
        assert!(!found.iter().any(|one| one == name), "{name}: {found:?}");
    }
}

#[test]
fn the_rules_of_the_ledger_have_no_runtime_no_http_no_clock_and_no_unsafe_code() {
    let mut found = dependencies("sabr-ledger");
    found.retain(|one| !one.starts_with("serde"));
    // The dependencies of serde's derive macro do not count.
    let derive = ["proc-macro2", "quote", "syn", "unicode-ident"];
    found.retain(|one| !derive.contains(&one.as_str()));
    // A lock, and what it consists of.
    let lock = [
        "parking_lot",
        "parking_lot_core",
        "lock_api",
        "scopeguard",
        "smallvec",
        "cfg-if",
        "libc",
    ];
    found.retain(|one| !lock.contains(&one.as_str()));
    assert_eq!(found, ["sabr-ledger"]);
    for (path, text) in sources(&root().join("crates/sabr-ledger/src")) {
        for banned in ["unsafe", "::now()", "std::thread"] {
            let found = code(&text).find(|line| line.contains(banned));
            assert_eq!(found, None, "{}", path.display());
        }
    }
}

#[test]
fn the_store_knows_no_http_and_no_endpoint() {
    let found = dependencies("todo-sqlite");
    for name in ["axum", "http", "hyper", "sabr"] {
        assert!(!found.iter().any(|one| one == name), "{name}: {found:?}");
    }
}

/// Tables, links and lines of code in an example cannot be wrapped, so they are exempt.
#[test]
fn comments_wrap_at_100_columns() {
    let mut long = Vec::new();
    for (path, text) in sources(&root().join("crates")) {
        let mut example = false;
        for (at, line) in text.lines().enumerate() {
            let comment = line.trim_start();
            if !comment.starts_with("//") {
                continue;
            }
            example ^= comment.contains("```");
            let whole = example || comment.contains(" | ") || comment.contains("http");
            if line.chars().count() > 100 && !whole {
                long.push(format!("{}:{}", path.display(), at + 1));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn only_the_edge_names_a_status_code() {
    for (path, text) in sources(&root().join("crates/todo/src")) {
        if path.components().any(|part| part.as_os_str() == "http") {
            continue;
        }
        let found = code(&text).find(|line| line.contains("StatusCode"));
        assert_eq!(found, None, "{}", path.display());
    }
}
