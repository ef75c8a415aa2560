//! Turns addresses into functions, files and lines.

use std::env;
use std::ffi::c_void;
use std::path::{Path, PathBuf};

use crate::stall::{Frame, Library};

/// The most calls of a report.
const REPORTED_MAX: usize = 64;

/// This crate, which polls the app's futures in `WatchedFuture`.
const THIS_LIBRARY: Library = Library {
    module: "sabr_watchdog::watched_future::",
    sources: concat!(env!("CARGO_MANIFEST_DIR"), "/src/"),
    folder: "watched_future.rs",
};

/// Parts of paths at which cargo and the compiler keep code that is not the app's.
const FOREIGN_PATHS: [&str; 4] = ["/registry/src/", "/git/checkouts/", "/rustc/", "/rustlib/"];

/// Crates that are not the app's. Used only where there are no paths.
const FOREIGN_CRATES: [&str; 18] = [
    "__rustc",
    "alloc",
    "axum",
    "backtrace",
    "core",
    "futures",
    "h2",
    "http",
    "hyper",
    "mio",
    "parking_lot",
    "rusqlite",
    "sabr",
    "std",
    "test",
    "tokio",
    "tower",
    "tracing",
];

/// One call as the debug information describes it. An inlined function has a name without its path
/// there.
#[derive(Clone, Debug)]
pub(super) struct Call {
    function: String,
    path: Option<PathBuf>,
    line: Option<u32>,
}

/// The calls at each address: several where one was inlined into another, the innermost first.
///
/// The first call takes about a tenth of a second, because it reads the debug information of the
/// program.
pub(super) fn resolve(addresses: &[usize]) -> Vec<Call> {
    let mut calls = Vec::new();
    for address in addresses {
        // `resolve` takes an address to return to, and looks just before it.
        let address = std::ptr::without_provenance_mut::<c_void>(address.saturating_add(1));
        backtrace::resolve(address, |symbol| {
            let Some(name) = symbol.name() else { return };
            calls.push(Call {
                // Without the hash.
                function: without_generics(format!("{name:#}")),
                path: symbol.filename().map(Path::to_owned),
                line: symbol.lineno(),
            });
        });
    }
    calls
}

/// Drops the calls outside of the app: the server, the runtime, the start of the thread.
pub(super) fn of_the_app(mut calls: Vec<Call>, libraries: &[Library]) -> Vec<Frame> {
    let libraries: Vec<_> = [THIS_LIBRARY].iter().chain(libraries).copied().collect();
    let polls = |call: &Call| libraries.iter().any(|library| is_poll_of(library, call));
    if let Some(poll) = calls.iter().position(polls) {
        calls.truncate(poll);
    }
    let mut own: Vec<_> = calls.iter().map(|call| is_own(call, &libraries)).collect();
    // A program without debug information, or one that cargo installed from a registry.
    if !own.contains(&true) {
        own = calls
            .iter()
            .map(|call| is_own_by_name(&call.function))
            .collect();
    }
    if let Some(outermost) = own.iter().rposition(|own| *own) {
        calls.truncate(outermost + 1);
    }
    let here = env::current_dir().ok();
    let frame = |(call, own): (Call, bool)| Frame {
        function: call.function,
        file: call.path.map(|path| shorten(&path, here.as_deref())),
        line: call.line,
        own,
    };
    calls
        .into_iter()
        .zip(own)
        .take(REPORTED_MAX)
        .map(frame)
        .collect()
}

fn is_poll_of(library: &Library, call: &Call) -> bool {
    let function = call.function.trim_start_matches('<');
    function.starts_with(library.module)
        || call.path.as_ref().is_some_and(|path| {
            let path = path.to_string_lossy();
            let inside = path.strip_prefix(library.sources);
            inside.is_some_and(|inside| inside.starts_with(library.folder))
        })
}

/// Whether it is Rust code that is neither a dependency nor one of the libraries.
fn is_own(call: &Call, libraries: &[Library]) -> bool {
    call.path.as_ref().is_some_and(|path| {
        let path = path.to_string_lossy();
        let foreign = FOREIGN_PATHS.iter().any(|foreign| path.contains(foreign));
        let ours = libraries
            .iter()
            .any(|library| path.starts_with(library.sources));
        path.ends_with(".rs") && !foreign && !ours
    })
}

fn is_own_by_name(function: &str) -> bool {
    crate_of(function).is_some_and(|name| {
        !FOREIGN_CRATES.iter().any(|foreign| {
            let rest = name.strip_prefix(foreign);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
    })
}

/// `app::read` of `app::read::<app::Todo>`: they can be longer than the rest of the report.
fn without_generics(mut function: String) -> String {
    let end = function.find("::<").or_else(|| function.find('<'));
    if let Some(end) = end.filter(|_| !function.starts_with('<')) {
        function.truncate(end);
    }
    function
}

/// `app` of `app::handler`, of `<app::Todo as core::fmt::Debug>::fmt` and of `<T as
/// app::Handler>::call`; nothing for a function of C.
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

    use super::{
        Call, Library, crate_of, is_own, is_own_by_name, of_the_app, shorten, without_generics,
    };

    const LIBRARY: Library = Library {
        module: "server::layer::",
        sources: "/home/server/src/",
        folder: "layer/",
    };

    fn call(function: &str, path: &str) -> Call {
        Call {
            function: function.to_owned(),
            path: (!path.is_empty()).then(|| path.into()),
            line: None,
        }
    }

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
        check("{closure#0}", None);
        check("", None);
    }

    #[test]
    fn code_of_the_app_is_known_by_its_path() {
        let check =
            |path: &str, own| assert_eq!(is_own(&call("f", path), &[LIBRARY]), own, "{path}");
        check("/home/me/app/src/create.rs", true);
        check("src/create.rs", true);
        check(
            "/root/.cargo/registry/src/index-1/tokio-1.0.0/src/time.rs",
            false,
        );
        check("/root/.cargo/git/checkouts/other-1/2/src/lib.rs", false);
        check("/rustc/0123/library/std/src/thread.rs", false);
        check("./misc/../sysdeps/unix/sysv/linux/x86_64/syscall.S", false);
        check("/home/server/src/endpoint/sync.rs", false);
        check("", false);
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
    fn names_and_paths_are_shortened() {
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
        let check = |function: &str, expected| {
            assert_eq!(without_generics(function.to_owned()), expected);
        };
        check("app::read::<app::Todo>", "app::read");
        check("{closure#0}<app::Todo>", "{closure#0}");
        check(
            "<app::Todo as core::fmt::Debug>::fmt",
            "<app::Todo as core::fmt::Debug>::fmt",
        );
    }

    #[test]
    fn what_is_outside_of_the_app_is_left_out() {
        let check = |calls: &[(&str, &str)], kept: &[&str], own: &[&str]| {
            let calls = calls.iter().map(|(function, path)| call(function, path));
            let frames = of_the_app(calls.collect(), &[LIBRARY]);
            let names: Vec<_> = frames.iter().map(|frame| &*frame.function).collect();
            assert_eq!(names, kept);
            let names = frames.iter().filter(|frame| frame.own);
            let names: Vec<_> = names.map(|frame| &*frame.function).collect();
            assert_eq!(names, own);
        };
        check(
            &[
                ("nanosleep", ""),
                ("rusqlite::execute", ""),
                ("inner", "/app/src/main.rs"),
                ("app::handler", "/app/src/main.rs"),
                ("axum::handler", ""),
                ("{closure#0}", "/home/server/src/layer/future.rs"),
                ("tokio::runtime::worker", ""),
                ("app::main", "/app/src/main.rs"),
            ],
            &["nanosleep", "rusqlite::execute", "inner", "app::handler"],
            &["inner", "app::handler"],
        );
        check(
            &[
                ("nanosleep", ""),
                ("app::handler", ""),
                ("tokio::worker", ""),
                ("server::layer::future::poll_inside", ""),
                ("app::main", ""),
            ],
            &["nanosleep", "app::handler"],
            &["app::handler"],
        );
        check(&[("nanosleep", "")], &["nanosleep"], &[]);
    }
}
