//! From addresses to what a person wants to read.

use std::env;
use std::ffi::c_void;
use std::path::Path;

use super::Addresses;
use crate::ledger::snapshot::Frame;

/// The most calls of a report.
const REPORTED_MAX: usize = 64;

/// Where cargo and the compiler keep code that is not the app's.
const FOREIGN_PATHS: [&str; 4] = ["/registry/src/", "/git/checkouts/", "/rustc/", "/rustlib/"];

/// Crates that are never the app, wherever their code came from.
const FOREIGN_CRATES: [&str; 5] = ["alloc", "core", "sabr", "std", "test"];

/// Crates that are not the app either. Only looked at where there are no paths.
const RUNTIME_CRATES: [&str; 12] = [
    "axum",
    "backtrace",
    "futures",
    "h2",
    "http",
    "hyper",
    "mio",
    "parking_lot",
    "rusqlite",
    "tokio",
    "tower",
    "tracing",
];

/// What is at each address; several calls where one was inlined into another, the innermost first.
///
/// Reads the debug information of the program, so it takes its time, the first time above all.
pub(super) fn resolve(addresses: &Addresses) -> Vec<Frame> {
    let here = env::current_dir().ok();
    let mut frames = Vec::new();
    for (number, address) in addresses.list.iter().enumerate() {
        // `resolve` takes an address to return to, and looks just before it.
        let exact = number == 0 && addresses.first_is_exact;
        let address = address.saturating_add(usize::from(exact));
        backtrace::resolve(address as *mut c_void, |symbol| {
            let Some(name) = symbol.name() else { return };
            let path = symbol.filename();
            frames.push(Frame {
                // Without the hash.
                function: format!("{name:#}"),
                own: path.is_some_and(|path| is_own(&format!("{name:#}"), path)),
                file: path.map(|path| shorten(path, here.as_deref())),
                line: symbol.lineno(),
            });
        });
    }
    frames
}

/// Leaves out what is outside of the app: the server, the runtime, the start of the thread.
pub(super) fn of_the_app(mut frames: Vec<Frame>) -> Vec<Frame> {
    // Where our own layer polls, the app begins.
    let ours = |frame: &Frame| {
        frame
            .function
            .trim_start_matches('<')
            .starts_with("sabr::layer::")
    };
    if let Some(layer) = frames.iter().position(ours) {
        frames.truncate(layer);
    }
    // A program without debug information, or one that cargo installed from a registry.
    if !frames.iter().any(|frame| frame.own) {
        for frame in &mut frames {
            frame.own = is_own_by_name(&frame.function);
        }
    }
    if let Some(outermost) = frames.iter().rposition(|frame| frame.own) {
        frames.truncate(outermost + 1);
    }
    frames.truncate(REPORTED_MAX);
    frames
}

fn is_own(function: &str, path: &Path) -> bool {
    let path = path.to_string_lossy().replace('\\', "/");
    let foreign = FOREIGN_PATHS.iter().any(|foreign| path.contains(foreign));
    !foreign && crate_of(function).is_some_and(|name| !FOREIGN_CRATES.contains(&name))
}

fn is_own_by_name(function: &str) -> bool {
    crate_of(function).is_some_and(|name| {
        let of_a_runtime = RUNTIME_CRATES.iter().any(|runtime| {
            let rest = name.strip_prefix(runtime);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        });
        !of_a_runtime && !FOREIGN_CRATES.contains(&name)
    })
}

/// `app` of `app::handler`, of `<app::Todo as core::fmt::Debug>::fmt` and of `<T as app::Handler>::call`; nothing
/// for a function of C.
fn crate_of(function: &str) -> Option<&str> {
    let start = function.trim_start_matches(['<', '&', '(', '[', '*']);
    let start = ["mut ", "const ", "dyn "]
        .iter()
        .fold(start, |start, word| {
            start.strip_prefix(word).unwrap_or(start)
        });
    let (name, _) = start.split_once("::")?;
    let name = match name.split_once(" as ") {
        Some((_generic, of_the_trait)) => of_the_trait,
        None => name,
    };
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// From the current folder, from the crate, or from the library of the compiler.
fn shorten(path: &Path, here: Option<&Path>) -> String {
    if let Some(inside) = here.and_then(|here| path.strip_prefix(here).ok()) {
        return inside.display().to_string();
    }
    let path = path.display().to_string();
    for (marker, skip) in [
        ("/registry/src/", 1),
        ("/git/checkouts/", 0),
        ("/rustc/", 1),
    ] {
        if let Some((_, rest)) = path.split_once(marker) {
            let rest = rest.splitn(skip + 1, '/').last();
            return rest.unwrap_or(&path).to_owned();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Frame, crate_of, is_own, is_own_by_name, of_the_app, shorten};

    #[test]
    fn the_crate_of_a_function_is_found() {
        let check = |function, expected| assert_eq!(crate_of(function), expected, "{function}");
        check("app::todos::create", Some("app"));
        check("app::todos::create::{{closure}}", Some("app"));
        check("<app::Todo as core::fmt::Debug>::fmt", Some("app"));
        check("<&mut app::Todo as core::fmt::Debug>::fmt", Some("app"));
        check("<T as app::Handler>::call", Some("app"));
        check("<dyn app::Store>::read", Some("app"));
        check("clock_nanosleep", None);
        check("", None);
    }

    #[test]
    fn code_of_the_app_is_known_by_its_path() {
        let check = |function: &str, path: &str, own| {
            assert_eq!(
                is_own(function, Path::new(path)),
                own,
                "{function} in {path}"
            );
        };
        check("app::create", "/home/me/app/src/create.rs", true);
        check("app::create", "src/create.rs", true);
        check(
            "tokio::time::sleep",
            "/root/.cargo/registry/src/index-1/tokio-1.0.0/src/time.rs",
            false,
        );
        check(
            "other::f",
            "/root/.cargo/git/checkouts/other-1/2/src/lib.rs",
            false,
        );
        check(
            "std::thread::sleep",
            "/rustc/0123/library/std/src/thread.rs",
            false,
        );
        check(
            "sabr::endpoint::run",
            "/home/me/sabr/crates/sabr/src/endpoint.rs",
            false,
        );
    }

    #[test]
    fn code_of_the_app_is_guessed_by_its_name() {
        assert!(is_own_by_name("app::create"));
        assert!(is_own_by_name("hyperspace::jump"));
        for function in [
            "std::thread::sleep",
            "hyper_util::rt::f",
            "axum::serve",
            "write",
        ] {
            assert!(!is_own_by_name(function), "{function}");
        }
    }

    #[test]
    fn paths_are_shortened() {
        let check = |path: &str, expected: &str| {
            assert_eq!(shorten(Path::new(path), Some(Path::new("/app"))), expected);
        };
        check("/app/src/main.rs", "src/main.rs");
        check("/other/src/main.rs", "/other/src/main.rs");
        check(
            "/root/.cargo/registry/src/index-1/tokio-1.0.0/src/a.rs",
            "tokio-1.0.0/src/a.rs",
        );
        check(
            "/rustc/0123/library/std/src/thread.rs",
            "library/std/src/thread.rs",
        );
    }

    #[test]
    fn what_is_outside_of_the_app_is_left_out() {
        let frame = |function: &str, own| Frame {
            function: function.to_owned(),
            file: None,
            line: None,
            own,
        };
        let check = |calls: &[(&str, bool)], expected: &[&str]| {
            let frames = calls.iter().map(|(function, own)| frame(function, *own));
            let kept = of_the_app(frames.collect());
            let kept: Vec<_> = kept.iter().map(|frame| &*frame.function).collect();
            assert_eq!(kept, expected);
        };
        check(
            &[
                ("nanosleep", false),
                ("app::inner", true),
                ("app::handler", true),
                ("axum::handler", false),
                ("sabr::layer::future::poll_inside", false),
                ("tokio::runtime::worker", false),
                ("app::main", true),
            ],
            &["nanosleep", "app::inner", "app::handler"],
        );
        check(
            &[
                ("nanosleep", false),
                ("app::handler", false),
                ("tokio::worker", false),
            ],
            &["nanosleep", "app::handler"],
        );
        check(&[("nanosleep", false)], &["nanosleep"]);
    }
}
