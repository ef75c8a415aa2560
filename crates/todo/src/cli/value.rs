//! Parsers of argument values. Their errors say what to write instead.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use tracing_subscriber::filter::LevelFilter;

/// The longest duration of an option. A longer one is most likely a mistake in the unit.
const DURATION_MAX: Duration = Duration::from_hours(24);

/// The shortest request timeout. No request could be answered within a shorter time.
const TIMEOUT_MIN: Duration = Duration::from_millis(1);

/// The largest `--body-limit`, in bytes. It is bounded because request bodies are held in memory.
const BODY_LIMIT_MAX: usize = 1 << 30;

/// The crates of this program that write to the log.
const LOG_TARGETS: &[&str] = &["todo", "sabr", "sabr_sqlite", "aide", "h2"];

pub(super) fn host(text: &str) -> Result<IpAddr, String> {
    if text == "localhost" {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse()
        .map_err(|_| "write localhost, or an address such as 127.0.0.1 or ::1".to_owned())
}

pub(super) fn port(text: &str) -> Result<u16, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|_| digits);
    port.ok_or_else(|| "write a number from 0 to 65535".to_owned())
}

pub(super) fn database(text: &str) -> Result<PathBuf, String> {
    let almost_memory = text.starts_with(':') && text != ":memory:";
    if text.trim().is_empty() || almost_memory {
        return Err("write a file such as todo.db, or :memory:".to_owned());
    }
    // SQLite would read a text that starts with `file:` as a URI with options.
    if text.contains("://") || text.starts_with("file:") {
        return Err(
            "the database is an SQLite file: write a path such as todo.db, or :memory:".to_owned(),
        );
    }
    Ok(PathBuf::from(text))
}

pub(super) fn database_file(text: &str) -> Result<PathBuf, String> {
    match text {
        ":memory:" => {
            Err("a database in memory has no copies: write a file such as todo.db".to_owned())
        }
        _ => database(text),
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| *duration <= DURATION_MAX)
        .ok_or_else(|| {
            "write a number and a unit, such as 250ms, 1s or 2m, and at most 24h".to_owned()
        })
}

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        short if short < TIMEOUT_MIN => Err("must be at least 1ms, such as 30s".to_owned()),
        duration => Ok(duration),
    }
}

pub(super) fn batch_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ 1..=10_000) => Ok(size),
        _ => Err("write a number from 1 to 10000".to_owned()),
    }
}

pub(super) fn body_limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes @ 1..=BODY_LIMIT_MAX) => Ok(bytes),
        _ => Err(format!(
            "write a number of bytes from 1 to {BODY_LIMIT_MAX}, such as 1048576 for 1 MiB"
        )),
    }
}

/// Parses a level, or a filter by target. A target without a level of its own is logged at `info`.
///
/// Only names of crates of this program are accepted as targets. Why: `EnvFilter` reads any word as
/// the name of a target, and then logs nothing else, so `warning` would silence the service. A path
/// into a crate is refused too, because a misspelt path cannot be recognised.
pub(super) fn log_level(text: &str) -> Result<String, String> {
    let mut base = None;
    let mut targets = Vec::new();
    for part in text.split(',').map(str::trim) {
        let fresh = match part.split_once('=') {
            None => is_level(part) && base.replace(part).is_none(),
            Some((target, level)) => {
                let known = LOG_TARGETS.contains(&target);
                let fresh = !targets.iter().any(|(other, _)| *other == target);
                targets.push((target, level));
                known && fresh && is_level(level)
            }
        };
        if !fresh {
            return Err(format!(
                "write off, error, warn, info, debug or trace, or a filter such as todo=debug or warn,sabr=debug; \
                 what can be filtered is {}",
                LOG_TARGETS.join(", ")
            ));
        }
    }
    let base = base.unwrap_or("info");
    let targets = targets
        .iter()
        .map(|(target, level)| format!(",{target}={level}"));
    Ok(format!("{base}{}", targets.collect::<String>()))
}

/// Whether the text is the name of a level. `LevelFilter` also accepts numbers and an empty text.
fn is_level(text: &str) -> bool {
    let named = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    named && text.parse::<LevelFilter>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        for (text, expected) in [
            ("1s", Some(Duration::from_secs(1))),
            ("250ms", Some(Duration::from_millis(250))),
            ("1m 30s", Some(Duration::from_secs(90))),
            ("0s", Some(Duration::ZERO)),
            ("1", None),
            ("-1s", None),
            ("soon", None),
            ("24h", Some(DURATION_MAX)),
            ("24h 1ns", None),
            ("9999999999h", None),
            ("99999999999999999999s", None),
            ("inf", None),
            ("", None),
        ] {
            assert_eq!(duration(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_database_is_a_file_or_memory() {
        assert!(database("todo.db").is_ok());
        assert!(database(":memory:").is_ok());
        for text in [
            "",
            " ",
            ":memory",
            ":MEMORY:",
            "file:todo.db",
            "file:x?mode=memory",
        ] {
            assert!(database(text).is_err(), "{text}");
        }
        assert!(database("postgres://localhost/todo").is_err());
    }

    #[test]
    fn a_log_level_is_known_or_refused() {
        for (text, expected) in [
            ("info", Some("info")),
            ("INFO", Some("INFO")),
            ("off", Some("off")),
            (" warn ", Some("warn")),
            ("todo=debug", Some("info,todo=debug")),
            (
                "warn,sabr=debug, sabr_sqlite=trace",
                Some("warn,sabr=debug,sabr_sqlite=trace"),
            ),
            ("sabr_sqlite=off,error", Some("error,sabr_sqlite=off")),
            ("warning", None),
            ("verbose", None),
            ("3", None),
            ("", None),
            (" ", None),
            (",", None),
            ("info,", None),
            ("info,debug", None),
            ("todo", None),
            ("toodo=debug", None),
            ("Todo=debug", None),
            ("todo::nothere=debug", None),
            ("todo::http=debug", None),
            ("todo=", None),
            ("todo=verbose", None),
            ("todo=3", None),
            ("=debug", None),
            ("todo=debug,todo=trace", None),
            ("todo=debug=trace", None),
            ("[request]=debug", None),
            ("todo[request{id=1}]=debug", None),
        ] {
            let level = log_level(text);
            assert_eq!(level.as_deref().ok(), expected, "{text:?}: {level:?}");
        }
    }

    #[test]
    fn every_filter_that_is_offered_is_taken() {
        for target in LOG_TARGETS {
            log_level(&format!("{target}=debug")).unwrap();
        }
    }

    #[test]
    fn numbers_are_bounded() {
        for (text, expected) in [
            ("1", Some(1)),
            ("1048576", Some(1 << 20)),
            ("1073741824", Some(BODY_LIMIT_MAX)),
            ("1073741825", None),
            ("0", None),
            ("-1", None),
            ("1MB", None),
            ("1e6", None),
            ("", None),
        ] {
            assert_eq!(body_limit(text).ok(), expected, "{text:?}");
        }
        for (text, expected) in [
            ("0", Some(0)),
            ("65535", Some(65_535)),
            ("65536", None),
            ("-1", None),
            ("+80", None),
            ("http", None),
            ("", None),
        ] {
            assert_eq!(port(text).ok(), expected, "{text:?}");
        }
        for (text, expected) in [
            ("1ms", true),
            ("999us", false),
            ("0s", false),
            ("25h", false),
        ] {
            assert_eq!(timeout(text).is_ok(), expected, "{text:?}");
        }
    }
}
