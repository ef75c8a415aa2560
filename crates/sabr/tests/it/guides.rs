//! The guides show code of the examples, to the letter.

use std::fs;
use std::path::Path;

#[test]
fn guides_show_the_examples_as_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = fs::read_to_string(root.join("docs/from-fastapi.md")).unwrap();
    let mut shown = 0;
    for part in guide.split("<!-- ").skip(1) {
        let (file, rest) = part.split_once(" -->\n```rust\n").unwrap();
        let code = rest.split("```").next().unwrap();
        let example = fs::read_to_string(root.join(file)).unwrap();
        assert!(example.contains(code), "{file} has not:\n{code}");
        shown += 1;
    }
    assert_eq!(shown, 6);
}
