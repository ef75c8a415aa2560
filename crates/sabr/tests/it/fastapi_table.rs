//! The comparison with FastAPI names only tests that exist, and has a test in every row.

use std::fs;
use std::path::Path;

/// All Rust source below `folder`, in one string.
fn source(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&source(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    text
}

#[test]
fn every_row_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = source(&root.join("tests")) + &source(&root.join("src"));
    let table = fs::read_to_string(root.join("docs/fastapi.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let mut checked = 0;
    for row in rows.filter(|row| !row.ends_with("Tests |")) {
        let names = row.trim_end_matches(" |").rsplit('|').next().unwrap();
        let names: Vec<_> = names.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test in: {row}");
        for name in names {
            let is_test = tests.contains(&format!("fn {name}("));
            assert!(is_test, "there is no test `{name}`");
            checked += 1;
        }
    }
    assert!(checked > 50);
}
