//! Runs one case: a server of its own, the calls, and the verdict after them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sabr::Sabr;
use sabr::ledger::VerdictKind;
use sabr::ledger::snapshot::EndpointSnapshot;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::case::{Case, Server};
use crate::client;

/// What became of one case.
pub(crate) struct Judged {
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    pub(crate) right: bool,
    /// For the report: what was expected, what was given, and on what evidence.
    pub(crate) line: String,
    pub(crate) took: Duration,
}

/// A server that runs until it is dropped.
struct Running {
    address: SocketAddr,
    sabr: Sabr,
    _stop: oneshot::Sender<()>,
}

async fn start(server: &Handle, case: &'static Case) -> Running {
    let builder = Sabr::builder().grace_period(Duration::from_millis(500));
    let sabr = (case.settings)(builder).build();
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = oneshot::channel();
    let served = sabr.clone();
    server.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        tell.send(listener.local_addr().expect("an address"))
            .expect("the case waits for it");
        let app = (case.app)();
        let shutdown = async { drop(stopped.await) };
        match case.server {
            Server::Sabr => {
                drop(served.serve(listener, app).with_shutdown(shutdown).await);
            }
            Server::Axum => {
                let served = axum::serve(listener, app.layer(served.layer()));
                drop(served.with_graceful_shutdown(shutdown).await);
            }
        }
    });
    let address = told.await.expect("a server that starts");
    Running {
        address,
        sabr,
        _stop: stop,
    }
}

/// The endpoint when all of its requests have ended, or as it is after two seconds.
async fn settled(sabr: &Sabr, case: &Case, requests: usize) -> Option<EndpointSnapshot> {
    let (method, route) = case.endpoint;
    let since = Instant::now();
    loop {
        let mut endpoints = sabr.ledger().endpoints().into_iter();
        let endpoint = endpoints.find(|e| e.method == method && e.route == route);
        let ended = endpoint
            .as_ref()
            .is_some_and(|e| e.in_flight == 0 && e.requests >= requests as u64);
        if ended || since.elapsed() > Duration::from_secs(2) {
            return endpoint;
        }
        sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) async fn judge(
    server: &Handle,
    group: &'static str,
    case: &'static Case,
    requests: usize,
) -> Judged {
    let since = Instant::now();
    let running = start(server, case).await;
    let requests = case.calls.exactly.unwrap_or(requests);
    let calls = client::call_all(running.address, &case.calls, requests);
    match case.neighbour {
        None => calls.await,
        Some(path) => tokio::select! {
            () = calls => {}
            () = client::call_neighbour(running.address, &case.calls, path) => {}
        },
    }
    let endpoint = settled(&running.sabr, case, requests).await;
    let given = endpoint.as_ref().map(|endpoint| endpoint.verdict.kind);
    Judged {
        group,
        name: case.name,
        right: given.is_some_and(|kind| case.expected.contains(&kind)),
        line: match &endpoint {
            Some(endpoint) => describe(case, endpoint),
            None => absent(case, &running.sabr),
        },
        took: since.elapsed(),
    }
}

fn titles(kinds: &[VerdictKind]) -> String {
    let titles: Vec<_> = kinds.iter().map(|kind| kind.title()).collect();
    titles.join(" / ")
}

fn describe(case: &Case, endpoint: &EndpointSnapshot) -> String {
    let verdict = &endpoint.verdict;
    let outcomes = &endpoint.outcomes;
    let phases = endpoint.phases.iter().filter(|phase| phase.seconds > 0.0);
    let phases: Vec<_> = phases
        .map(|time| format!("{:?} {:.1} ms", time.phase, time.seconds * 1e3))
        .collect();
    format!(
        "{}: expected {} ({}), given {}; {} requests (succeeded {}, refused {}, failed {}, \
         panicked {}, cancelled {}), median {:.2} ms; {} Evidence: {}. Hint: {}. Phases: {}",
        case.name,
        titles(case.expected),
        case.why,
        verdict.title,
        endpoint.requests,
        outcomes.succeeded,
        outcomes.refused,
        outcomes.failed,
        outcomes.panicked,
        outcomes.cancelled,
        endpoint.duration.p50 * 1e3,
        verdict.finding,
        verdict.evidence.join("; "),
        verdict.hint.as_deref().unwrap_or("none"),
        phases.join(", "),
    )
}

fn absent(case: &Case, sabr: &Sabr) -> String {
    let (method, route) = case.endpoint;
    let known: Vec<_> = sabr
        .ledger()
        .endpoints()
        .iter()
        .map(|e| format!("{} {} ({})", e.method, e.route, e.verdict.title))
        .collect();
    format!(
        "{}: expected {} ({}), but the ledger does not have {method} {route}; it has {}",
        case.name,
        titles(case.expected),
        case.why,
        known.join(", "),
    )
}
