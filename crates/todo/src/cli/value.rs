//! Values of arguments: each is read once, and a wrong one is answered with what to write instead.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use tracing_subscriber::EnvFilter;

pub(super) fn host(text: &str) -> Result<IpAddr, String> {
    if text == "localhost" {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse()
        .map_err(|_| "write localhost, or an address such as 127.0.0.1 or ::1".to_owned())
}

pub(super) fn database(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("write a file such as todo.db, or :memory:".to_owned());
    }
    if text.contains("://") {
        return Err(
            "the database is an SQLite file: write a path such as todo.db, or :memory:".to_owned(),
        );
    }
    Ok(PathBuf::from(text))
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| "write a number and a unit, such as 250ms, 1s or 2m".to_owned())
}

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("must be longer than nothing, such as 30s".to_owned()),
        duration => Ok(duration),
    }
}

pub(super) fn batch_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ 1..=10_000) => Ok(size),
        _ => Err("write a number from 1 to 10000".to_owned()),
    }
}

pub(super) fn log_level(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|_| {
            "write off, error, warn, info, debug or trace, or a filter such as todo=debug"
                .to_owned()
        })
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
            ("", None),
        ] {
            assert_eq!(duration(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_database_is_a_file_or_memory() {
        assert!(database("todo.db").is_ok());
        assert!(database(":memory:").is_ok());
        assert!(database("").is_err());
        assert!(database("postgres://localhost/todo").is_err());
    }
}
