//! The lab: the results of its experiments, and the operation that runs them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, header};
use http_body_util::BodyExt;
use sabr::Sabr;
use serde_json::{Value, json};
use todo::db::Db;
use todo::http::{App, router};
use todo_core::{Clock, Ids};
use todo_lab::timeline::{Kind, Part, Span, Timeline, Track};
use todo_lab::{
    self as lab, Event, Experiment, Report, Scale, Settings, Table, Users, svg, terminal,
};
use todo_sqlite::{SqliteOptions, SqliteStore};
use tokio::runtime::Builder;
use tower::ServiceExt;

use crate::golden;
use crate::server::config;

fn run(experiment: Experiment, scale: f64, users: usize) -> Report {
    let settings = Settings {
        scale: Scale::new(scale).unwrap(),
        users: Users::new(users).unwrap(),
    };
    let mut running = lab::start(experiment, settings, ()).unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    while let Some(event) = runtime.block_on(running.next()) {
        match event {
            Event::Done { report } => {
                assert_eq!(report.experiment, experiment);
                assert_eq!(report.said.len(), 2);
                assert!(report.timeline.end() > 0.0);
                return *report;
            }
            Event::Failed { detail } => panic!("{detail}"),
            _ => {}
        }
    }
    panic!("no result");
}

/// Checks only what holds on any machine, however busy: a wait is never shorter than requested, and
/// what follows from that. How much longer a wait takes depends on the machine.
///
/// The experiments run one after the other in one test, because two at once would distort each
/// other's measurements.
#[test]
fn the_experiments_show_what_they_say() {
    sequence_is_the_sum_and_together_the_longest();
    crowd_waits_together_only_where_waiting_is_free();
    freeze_is_felt_by_bystanders_of_async_alone();
    crunch_is_no_faster_in_async();
    after_the_response_costs_the_client_nothing();
    decide_says_async_where_there_is_a_wait();
}

fn sequence_is_the_sum_and_together_the_longest() {
    let report = run(Experiment::Sequence, 0.1, 1);
    let figures = &report.figures;
    let (database, api) = (figures["database_seconds"], figures["api_seconds"]);
    let (apart, together) = (figures["apart_seconds"], figures["together_seconds"]);
    assert!(apart >= database + api, "{report:?}");
    assert!(together >= database.max(api), "{report:?}");
    assert!(together < apart, "{report:?}");
    assert!(report.ledger[0].starts_with("GET /apart could overlap: database "));
    assert!(report.ledger[0].contains("From 3 requests."), "{report:?}");
    assert!(report.ledger[1].starts_with("GET /together async fits: "));
}

fn crowd_waits_together_only_where_waiting_is_free() {
    let report = run(Experiment::Crowd, 0.05, 800);
    let figures = &report.figures;
    let wait = 0.05;
    assert!(figures["one_thread_sample_seconds"] >= 10.0 * wait);
    // Eight hundred users wait, forty at a time.
    assert!(figures["pool_seconds"] >= 20.0 * wait);
    assert!(figures["async_seconds"] >= wait);
    assert!(
        figures["async_seconds"] < figures["pool_seconds"],
        "{report:?}"
    );
    assert!(
        figures["pool_threads"] >= figures["async_threads"] + 40.0,
        "{report:?}"
    );
    let text = report.said.join(" ");
    assert!(text.contains("worked out from 10 users"), "{text}");
}

fn freeze_is_felt_by_bystanders_of_async_alone() {
    let report = run(Experiment::Freeze, 0.4, 1);
    let figures = &report.figures;
    let call = figures["call_seconds"];
    // The first bystander during the call sends its request some milliseconds after the call began.
    assert!(
        figures["async_bystander_max_seconds"] > 0.8 * call,
        "{report:?}"
    );
    assert!(
        figures["sync_bystander_max_seconds"] < 0.8 * call,
        "{report:?}"
    );
    if cfg!(target_os = "linux") {
        let line = &report.ledger[0];
        assert!(line.contains("GET /async held"), "{line}");
        assert!(line.contains("blocking_call"), "{line}");
    }
}

fn crunch_is_no_faster_in_async() {
    let report = run(Experiment::Crunch, 0.05, 1);
    let figures = &report.figures;
    // On one thread the pieces run one after the other, so all of them take at least as long as
    // their sum. On several threads they run at the same time, and take less.
    assert!(
        figures["async_seconds"] >= figures["async_pieces_seconds"],
        "{report:?}"
    );
    assert!(
        figures["pool_seconds"] >= figures["pool_pieces_seconds"],
        "{report:?}"
    );
    if figures["cores"] > 1.0 {
        assert!(
            figures["all_cores_seconds"] < figures["all_cores_pieces_seconds"],
            "{report:?}"
        );
    }
}

fn after_the_response_costs_the_client_nothing() {
    let report = run(Experiment::After, 0.3, 1);
    let figures = &report.figures;
    let mail = figures["mail_seconds"];
    assert!(figures["before_client_seconds"] >= mail, "{report:?}");
    assert!(figures["after_client_seconds"] < mail, "{report:?}");
    assert!(figures["after_all_seconds"] >= mail, "{report:?}");
}

fn decide_says_async_where_there_is_a_wait() {
    let report = run(Experiment::Decide, 0.05, 1);
    let expected = [
        [
            "database query",
            "async fits",
            "waits in a thread",
            "async fn",
        ],
        [
            "outgoing API call",
            "async fits",
            "waits in a thread",
            "async fn",
        ],
        ["small file", "never waits", "sync fits", "plain fn"],
        ["simple calculation", "never waits", "sync fits", "plain fn"],
        [
            "heavy calculation",
            "computes on the event loop",
            "sync fits",
            "plain fn",
        ],
        ["background work", "never waits", "sync fits", "plain fn"],
    ];
    assert_eq!(report.table.rows, expected, "{:?}", report.ledger);
}

fn service() -> Router {
    let sabr = Sabr::builder().build();
    let app = App {
        db: Db::new(SqliteStore::open(&SqliteOptions::default()).unwrap()),
        clock: Clock::system(),
        ids: Ids::random(),
        sabr: sabr.clone(),
    };
    router(app, config().limits).layer(sabr.layer())
}

async fn post(service: &Router, path: &str, body: &Value, peer: [u8; 4]) -> Response<Body> {
    let peer = SocketAddr::from((peer, 1));
    let request = Request::post(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .extension(ConnectInfo(peer))
        .body(Body::from(body.to_string()))
        .unwrap();
    service.clone().oneshot(request).await.unwrap()
}

const HERE: [u8; 4] = [127, 0, 0, 1];

async fn problem(answer: Response<Body>) -> Value {
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn a_run_is_told_line_by_line() {
    let service = service();
    let answer = post(&service, "/lab/after", &json!({ "scale": 0.02 }), HERE).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()[header::CONTENT_TYPE],
        "application/x-ndjson"
    );
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.first().unwrap()["event"], "started");
    assert_eq!(events.first().unwrap()["scale"], 0.02);
    let last = events.last().unwrap();
    assert_eq!(last["event"], "done");
    // The events during the run match the report at the end.
    let begun = events
        .iter()
        .filter(|event| event["event"] == "begin")
        .count();
    let parts = last["report"]["timeline"]["parts"].as_array().unwrap();
    let tracks = parts
        .iter()
        .flat_map(|part| part["tracks"].as_array().unwrap());
    let spans: usize = tracks
        .map(|track| track["spans"].as_array().unwrap().len())
        .sum();
    assert_eq!(begun, spans);
}

/// Why: gzip would hold lines back.
#[tokio::test]
async fn lines_are_not_packed() {
    let request = Request::post("/lab/after")
        .header(header::HOST, "localhost")
        .header(header::ACCEPT_ENCODING, "gzip")
        .extension(ConnectInfo(SocketAddr::from((HERE, 1))))
        .body(Body::empty())
        .unwrap();
    let answer = service().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key(header::CONTENT_ENCODING));
}

/// The first run would take half a minute. When its client disconnects, the next run begins at
/// once.
#[tokio::test]
async fn one_experiment_runs_at_a_time_until_its_client_leaves() {
    let service = service();
    let began = Instant::now();
    let first = post(&service, "/lab/crowd", &json!({ "users": 1000 }), HERE).await;
    let mut body = first.into_body();
    let line = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(line.starts_with(b"{\"event\":\"started\""), "{line:?}");

    let second = post(&service, "/lab/after", &json!({ "scale": 0.02 }), HERE).await;
    assert_eq!(second.status(), 503);
    assert_eq!(second.headers()[header::RETRY_AFTER], "5");
    assert_eq!(problem(second).await["type"], "/problems/lab-busy");

    drop(body);
    let third = post(&service, "/lab/after", &json!({ "scale": 0.02 }), HERE).await;
    assert_eq!(third.status(), 200);
    third.into_body().collect().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(25));
}

#[tokio::test]
async fn runs_are_refused_with_a_reason() {
    let service = service();
    let far = post(&service, "/lab/after", &json!({}), [192, 168, 1, 1]).await;
    assert_eq!(far.status(), 403);
    assert_eq!(problem(far).await["type"], "/problems/not-local");
    for (path, body) in [
        ("/lab/nothing", json!({})),
        ("/lab/after", json!({ "scale": 2 })),
        ("/lab/crowd", json!({ "users": 10_001 })),
        ("/lab/crowd", json!({ "user": 1 })),
    ] {
        let refused = post(&service, path, &body, HERE).await;
        assert_eq!(refused.status(), 422, "{path} {body}");
        assert_eq!(problem(refused).await["type"], "/problems/invalid");
    }
    let unknown = post(&service, "/lab/nothing", &json!({}), HERE).await;
    let error = &problem(unknown).await["errors"][0];
    assert_eq!(error["parameter"], "experiment");
    assert!(
        error["detail"].as_str().unwrap().contains("sequence"),
        "{error}"
    );
}

/// Parts with everything that can be drawn.
fn fixed_parts() -> Vec<Part> {
    let span = |kind, from, to| Span { kind, from, to };
    let track = |name: &str, note: &str, spans: Vec<Span>, marks: Vec<f64>| Track {
        name: name.to_owned(),
        note: (!note.is_empty()).then(|| note.to_owned()),
        spans,
        marks,
    };
    let beats = |from: u32, to: u32| (from..to).map(|beat| f64::from(beat) * 0.05);
    let bystanders = track(
        "bystanders <&>",
        "2.00 s",
        vec![span(Kind::Queued, 1.0, 3.0)],
        beats(0, 20).chain(beats(61, 80)).collect(),
    );
    vec![
        Part {
            name: "inside an async fn".to_owned(),
            note: Some("bystanders waited up to 2.00 s".to_owned()),
            tracks: vec![
                track("the call", "", vec![span(Kind::Blocked, 1.0, 3.0)], vec![]),
                bystanders,
            ],
        },
        Part {
            name: "every kind of time".to_owned(),
            note: None,
            tracks: vec![
                track(
                    "a name that is too long for it",
                    "",
                    vec![span(Kind::Waiting, 0.0, 4.0)],
                    vec![],
                ),
                track(
                    "short",
                    "1.00 ms",
                    vec![span(Kind::Computing, 2.0, 2.001)],
                    vec![],
                ),
                track(
                    "in turn",
                    "",
                    vec![
                        span(Kind::Queued, 0.0, 1.0),
                        span(Kind::WaitingInThread, 1.0, 2.0),
                        span(Kind::Computing, 2.0, 4.0),
                    ],
                    vec![],
                ),
            ],
        },
    ]
}

/// A report with fixed numbers.
fn fixed() -> Report {
    Report {
        experiment: Experiment::Freeze,
        question: "What do all the others feel?".to_owned(),
        scale: Scale::new(1.0).unwrap(),
        seconds: 4.5,
        timeline: Timeline {
            parts: fixed_parts(),
        },
        table: Table {
            note: Some("¹ and a note".to_owned()),
            columns: ["bystanders¹", "asked", "longest"].map(str::to_owned).to_vec(),
            rows: vec![
                ["inside an async fn", "400", "2.00 s"].map(str::to_owned).to_vec(),
                ["in a plain fn", "1,400", "1.20 ms"].map(str::to_owned).to_vec(),
            ],
        },
        said: vec![
            "A call that blocks inside an async fn held up everybody else, which takes more than one line to say."
                .to_owned(),
            "In a plain fn it did not.".to_owned(),
        ],
        ledger: vec!["The watchdog: GET /async held a thread of the event loop.".to_owned()],
        figures: BTreeMap::new(),
    }
}

#[test]
fn a_timeline_is_drawn_in_characters() {
    golden::check("lab-terminal.txt", &terminal::draw(&fixed(), false));
    let coloured = terminal::draw(&fixed(), true);
    assert!(coloured.contains("\x1b[31m▓▓"), "{coloured}");
    let mut plain = String::new();
    for (index, piece) in coloured.split("\x1b[").enumerate() {
        plain += if index == 0 {
            piece
        } else {
            piece.split_once('m').unwrap().1
        };
    }
    assert_eq!(plain, terminal::draw(&fixed(), false));
}

#[test]
fn a_timeline_is_drawn_as_a_picture() {
    golden::check("lab.svg", &svg::draw(&[fixed()]));
}
