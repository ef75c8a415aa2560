//! The names in a JSON pointer (RFC 6901).

/// A name, escaped for a JSON pointer (section 3).
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A name, unescaped from a JSON pointer.
pub(super) fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
