//! Runs all cases once, on a server for this round.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use futures_util::{StreamExt, stream};
use sabr::ledger::Ledger;
use sabr::ledger::snapshot::EndpointSnapshot;
use sabr::{PoolKind, Sabr};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::case::Case;
use crate::upstream::Upstream;
use crate::{all, calling};

/// Threads of the endpoint pool. Fewer than the clients of some cases, so that calls are queued.
pub(crate) const ENDPOINT_THREADS: usize = 4;
/// Threads of the event loop.
const WORKERS: usize = 2;

/// A case and its verdict.
pub(crate) struct Judged {
    pub(crate) case: Case,
    pub(crate) endpoint: EndpointSnapshot,
    /// The time that all requests of the case took.
    pub(crate) took: Duration,
}

impl Judged {
    /// The reason of the known limit, if the ledger gave the wrong verdict that the limit accepts.
    pub(crate) fn limit(&self) -> Option<&'static str> {
        let (given, why) = self.case.limit?;
        (self.endpoint.verdict.kind == given).then_some(why)
    }

    /// What is wrong with the verdict. `None` if it is right.
    pub(crate) fn wrong(&self) -> Option<String> {
        let (case, verdict) = (&self.case, &self.endpoint.verdict);
        let words = [
            Some(&verdict.finding),
            verdict.advice.as_ref(),
            verdict.hint.as_ref(),
        ];
        let words = words.into_iter().flatten().chain(&verdict.evidence);
        let words: Vec<_> = words.map(String::as_str).collect();
        let words = words.join("\n");
        if verdict.kind != case.expected && self.limit().is_none() {
            return Some(format!("not {:?}: {words}", case.expected));
        }
        if let Some(missing) = case.says.filter(|says| !words.contains(says)) {
            return Some(format!("does not say {missing:?}: {words}"));
        }
        let too_much = case.never_says.filter(|says| words.contains(says))?;
        Some(format!("says {too_much:?}: {words}"))
    }
}

/// The order in which the cases are called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    OneByOne,
    /// All cases at once, bad and good handlers on the same threads.
    AllAtOnce,
}

/// Runs every case.
pub(crate) fn run(order: Order) -> Vec<Judged> {
    // Why another runtime: handlers that block the server must not slow the clients down.
    let clients = Builder::new_current_thread().enable_all().build().unwrap();
    clients.block_on(async {
        let mut cases = all(Upstream::start().await);
        if order == Order::AllAtOnce {
            cases.retain(|case| !case.alone);
        }
        let server = Server::start(&cases);
        let address = server.address;
        let call = |case| async move {
            let began = Instant::now();
            calling::call(case, address).await;
            began.elapsed()
        };
        let calls = stream::iter(&cases).map(call);
        let took: Vec<_> = match order {
            Order::OneByOne => calls.buffered(1).collect().await,
            Order::AllAtOnce => calls.buffered(cases.len().max(1)).collect().await,
        };
        // `stop` returns when the ledger has seen the end of each request.
        let ledger = server.stop().await;
        let judge = |(case, took): (Case, Duration)| {
            let endpoint = ledger.endpoint(case.method.as_str(), &case.path());
            let endpoint = endpoint.expect(case.name).endpoint;
            assert_eq!(endpoint.in_flight, 0, "{}", case.name);
            Judged {
                case,
                endpoint,
                took,
            }
        };
        cases.into_iter().zip(took).map(judge).collect()
    })
}

struct Server {
    runtime: Runtime,
    ledger: Ledger,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Server {
    fn start(cases: &[Case]) -> Self {
        let mut workers = Builder::new_multi_thread();
        let runtime = workers
            .worker_threads(WORKERS)
            .enable_all()
            .build()
            .unwrap();
        let routes = cases.iter().map(|case| (case.path(), case.handler.clone()));
        let app = routes.fold(Router::new(), |app, (path, handler)| {
            app.route(&path, handler)
        });
        let sabr = Sabr::builder()
            .threads(PoolKind::Endpoint, ENDPOINT_THREADS)
            .build();
        let ledger = sabr.ledger();
        let _inside = runtime.enter();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serve = sabr
            .serve(TcpListener::from_std(listener).unwrap(), app)
            .with_shutdown(async { drop(stopped.await) });
        let ended = runtime.spawn(async { drop(serve.await.unwrap()) });
        Self {
            runtime,
            ledger,
            address,
            stop,
            ended,
        }
    }

    /// Waits for every request to end.
    async fn stop(self) -> Ledger {
        self.stop.send(()).unwrap();
        self.ended.await.unwrap();
        self.runtime.shutdown_background();
        self.ledger
    }
}
