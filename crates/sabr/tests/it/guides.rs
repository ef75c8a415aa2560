//! The code in the guides is the code of the examples.

use std::fs;
use std::path::Path;

#[test]
fn guides_show_the_code_as_it_is() {
    check("from-fastapi.md", 7);
    check("async-in-seven-days.md", 7);
    check("own-service.md", 3);
}

fn check(guide: &str, expected: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = fs::read_to_string(root.join("docs").join(guide)).unwrap();
    let mut shown = 0;
    for part in guide.split("<!-- ").skip(1) {
        let block = part.split_once(" -->\n```rust\n");
        let block = block.or_else(|| part.split_once(" -->\n```toml\n"));
        let Some((file, rest)) = block else {
            continue;
        };
        let code = rest.split("```").next().unwrap();
        let example = fs::read_to_string(root.join(file)).unwrap();
        assert!(example.contains(code), "{file} has not:\n{code}");
        shown += 1;
    }
    assert_eq!(shown, expected);
}
