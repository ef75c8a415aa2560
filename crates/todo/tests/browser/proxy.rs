//! A proxy between the page and the service that injects network faults.

use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, Response, header};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::random::Random;

/// The fate of one request.
enum Fault {
    None,
    Delay(Duration),
    /// The request does not reach the service.
    CutBefore,
    /// The service answers, but the answer is lost.
    CutAfter,
    /// The answer ends in the middle.
    CutInBody,
    Overloaded,
}

pub(crate) struct Proxy {
    pub address: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// The address of the service; `None` while it is stopped.
    upstream: Mutex<Option<String>>,
    random: Mutex<Random>,
    faults: Mutex<bool>,
    client: Client<HttpConnector, Body>,
}

impl Proxy {
    pub(crate) async fn start(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            upstream: Mutex::new(None),
            random: Mutex::new(Random::new(seed)),
            faults: Mutex::new(false),
            client: Client::builder(TokioExecutor::new()).build_http(),
        });
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared }
    }

    /// Forwards requests to this service, or cuts them off if there is none.
    pub(crate) fn lead_to(&self, upstream: Option<String>) {
        *self.shared.upstream.lock().unwrap() = upstream;
    }

    pub(crate) fn set_faults(&self, faults: bool) {
        *self.shared.faults.lock().unwrap() = faults;
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| answer(Arc::clone(&shared), request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

/// Answers a request. An error closes the connection.
async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let path = request.uri().path();
    let api = ["/todos", "/items", "/events"]
        .iter()
        .any(|name| path.starts_with(name));
    let stream = path == "/events";
    let fault = if api { shared.fault() } else { Fault::None };
    match fault {
        Fault::Delay(delay) => sleep(delay).await,
        Fault::CutBefore => return Err(cut()),
        Fault::Overloaded => {
            let answer = Response::builder()
                .status(503)
                .header(header::RETRY_AFTER, "1");
            return Ok(answer.body(Body::empty()).unwrap());
        }
        Fault::None | Fault::CutAfter | Fault::CutInBody => {}
    }
    let (mut head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let upstream = shared.upstream(!api).await.ok_or_else(cut)?;
    let uri = format!("http://{upstream}{}", head.uri);
    head.uri = uri.parse().unwrap();
    let asked = Request::from_parts(head, Body::from(body));
    let answered = shared
        .client
        .request(asked)
        .await
        .map_err(io::Error::other)?;
    let (head, body) = answered.into_parts();
    let body = Body::new(body);
    Ok(match fault {
        Fault::CutAfter => {
            // A stream has no end, so its client waits for the head until the service is killed.
            let _ = body.collect().await;
            return Err(cut());
        }
        Fault::CutInBody if !stream => {
            let whole = body.collect().await.map_err(io::Error::other)?.to_bytes();
            let half = whole.slice(..whole.len() / 2);
            Response::from_parts(
                head,
                Body::from_stream(stream::iter([Ok(half), Err(cut())])),
            )
        }
        _ if stream => Response::from_parts(head, shared.breaking(body)),
        _ => Response::from_parts(head, body),
    })
}

fn cut() -> io::Error {
    io::Error::other("cut")
}

impl Shared {
    fn fault(&self) -> Fault {
        if !*self.faults.lock().unwrap() {
            return Fault::None;
        }
        let mut random = self.random.lock().unwrap();
        match random.below(100) {
            0..2 => Fault::CutBefore,
            2..5 => Fault::CutAfter,
            5..8 => Fault::CutInBody,
            8..10 => Fault::Overloaded,
            10..30 => Fault::Delay(Duration::from_millis(random.below(600))),
            _ => Fault::None,
        }
    }

    /// The address of the service. With `wait`, waits until the service has one.
    async fn upstream(&self, wait: bool) -> Option<String> {
        for _ in 0..1000 {
            let upstream = self.upstream.lock().unwrap().clone();
            if upstream.is_some() || !wait {
                return upstream;
            }
            sleep(Duration::from_millis(10)).await;
        }
        None
    }

    /// An event stream that is cut after some seconds, if faults are on then.
    fn breaking(self: &Arc<Self>, body: Body) -> Body {
        let cut_in = Duration::from_millis(500 + self.random.lock().unwrap().below(6000));
        Body::from_stream(cut_after(body, cut_in, Arc::clone(self)))
    }
}

fn cut_after(
    body: Body,
    cut_in: Duration,
    shared: Arc<Shared>,
) -> impl stream::Stream<Item = io::Result<Bytes>> {
    let begun = tokio::time::Instant::now();
    stream::unfold(Some(body.into_data_stream()), move |state| {
        let shared = Arc::clone(&shared);
        async move {
            let mut data = state?;
            loop {
                let left = cut_in.saturating_sub(begun.elapsed());
                let left = left.max(Duration::from_millis(100));
                let next = pin!(data.next());
                match timeout(left, next).await {
                    Ok(None) => return None,
                    Ok(Some(piece)) => return Some((piece.map_err(io::Error::other), Some(data))),
                    Err(_) if *shared.faults.lock().unwrap() => return Some((Err(cut()), None)),
                    Err(_) => {}
                }
            }
        }
    })
}
