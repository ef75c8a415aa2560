//! The code in the guides is the code of the examples.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn guides_show_the_code_as_it_is() {
    check("from-fastapi.md", 12);
    check("async-in-seven-days.md", 7);
    check("own-service.md", 3);
}

/// A reader has only the page, so a line that the page leaves out would be missing.
#[test]
fn the_page_on_ones_own_service_shows_its_files_whole() {
    let guide = read("docs/own-service.md");
    let mut files = BTreeMap::<_, Vec<_>>::new();
    for (file, code) in blocks(&guide) {
        files.entry(file).or_default().push(code);
    }
    let shown: Vec<_> = files.keys().copied().collect();
    assert_eq!(
        shown,
        [
            "docs/own-service/Cargo.toml",
            "docs/own-service/src/main.rs"
        ]
    );
    for (file, parts) in files {
        assert_eq!(parts.join("\n"), read(file), "{file}");
    }
}

fn check(guide: &str, expected: usize) {
    let guide = read(&format!("docs/{guide}"));
    let blocks = blocks(&guide);
    for (file, code) in &blocks {
        assert!(read(file).contains(code), "{file} has not:\n{code}");
    }
    assert_eq!(blocks.len(), expected);
}

/// The blocks of code that name the file that they are from.
fn blocks(guide: &str) -> Vec<(&str, &str)> {
    let parts = guide.split("<!-- ").skip(1);
    let blocks = parts.filter_map(|part| {
        let block = part.split_once(" -->\n```rust\n");
        let (file, rest) = block.or_else(|| part.split_once(" -->\n```toml\n"))?;
        Some((file, rest.split("```").next()?))
    });
    blocks.collect()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
