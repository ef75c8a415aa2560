//! `/metrics` for Prometheus and for people.

use std::collections::BTreeMap;

use axum::http::{Method, header};

use crate::server::{Answer, Server};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

async fn get(server: &Server, accept: &[&str]) -> Answer {
    let mut request = server.client.request(Method::GET, "/metrics");
    for value in accept {
        request = request.header(header::ACCEPT, *value);
    }
    server.client.send(request, "").await.expect(200)
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

#[tokio::test]
async fn the_client_chooses_the_format() {
    let server = Server::start().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let prometheus =
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1";
    for (accept, expected) in [
        (&[][..], TEXT),
        (&["*/*"], TEXT),
        (&[browser], TEXT),
        (&["text/plain"], TEXT),
        (&[prometheus], OPEN_METRICS),
        (&["application/openmetrics-text"], OPEN_METRICS),
        (&["application/openmetrics-text;q=0.1", "text/plain"], TEXT),
        (
            &["text/plain;q=0.1", "application/openmetrics-text"],
            OPEN_METRICS,
        ),
    ] {
        let answer = get(&server, accept).await;
        assert_eq!(answer.header(header::CONTENT_TYPE), expected, "{accept:?}");
        // A browser shows text that is not marked as a download.
        assert!(!answer.headers.contains_key(header::CONTENT_DISPOSITION));
        let vary: Vec<_> = answer.headers.get_all(header::VARY).iter().collect();
        assert!(vary.iter().any(|value| *value == "accept"), "{vary:?}");
        let is_open_metrics = text(&answer).ends_with("# EOF\n");
        assert_eq!(is_open_metrics, expected == OPEN_METRICS, "{accept:?}");
    }
    server.stop().await;
}

/// Checks the rules of `promtool check metrics`, and that each sample belongs to a described
/// metric.
#[tokio::test]
async fn every_metric_has_help_and_a_type_and_a_good_name() {
    let server = Server::start().await;
    server.client.get("/todos").await.expect(200);
    let answer = get(&server, &["text/plain"]).await;
    let mut types = BTreeMap::new();
    let mut helped = None;
    for line in text(&answer).lines() {
        let words: Vec<_> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "HELP", name, help] => {
                assert!(!help.is_empty(), "{line}");
                helped = Some(name);
            }
            ["#", "TYPE", name, kind] => {
                assert_eq!(helped, Some(name), "{line}");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                let known = ["counter", "gauge", "histogram"];
                assert!(known.contains(&kind), "{line}");
                assert_eq!(types.insert(name, kind), None, "described twice: {line}");
            }
            _ => check_sample(line, &types),
        }
    }
    assert!(types.len() > 10, "{types:?}");
    server.stop().await;
}

fn check_sample(line: &str, types: &BTreeMap<&str, &str>) {
    let name = line.split(['{', ' ']).next().unwrap();
    let family = types.get(name).copied().or_else(|| {
        let parts = ["_bucket", "_sum", "_count"];
        let base = parts.iter().find_map(|part| name.strip_suffix(part))?;
        types.get(base).copied().filter(|kind| *kind == "histogram")
    });
    assert!(family.is_some(), "{line}");
    let value = line.rsplit(' ').next().unwrap();
    assert!(value.parse::<f64>().is_ok(), "{line}");
}
