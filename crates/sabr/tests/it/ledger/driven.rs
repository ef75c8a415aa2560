use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::Response;
use http::{Method, Request};
use sabr::ledger::Phase;
use sabr::ledger::snapshot::{EndpointDetail, KeptRequest};
use sabr::{Builder, Sabr};
use tower::Service;

use crate::support::request;

/// A clock that a test moves.
#[derive(Clone, Default)]
pub(crate) struct Time(Arc<AtomicU64>);

impl Time {
    pub(crate) fn passes(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// An app whose requests are polled by hand.
pub(crate) struct Driven {
    pub(crate) sabr: Sabr,
    pub(crate) time: Time,
    app: Router,
}

impl Driven {
    pub(crate) fn new(app: impl FnOnce(Time) -> Router) -> Self {
        Self::with(Sabr::builder(), app)
    }

    pub(crate) fn with(builder: Builder, app: impl FnOnce(Time) -> Router) -> Self {
        let time = Time::default();
        let (began, passed) = (Instant::now(), time.clone());
        let now = move || began + Duration::from_millis(passed.0.load(Ordering::SeqCst));
        let sabr = builder.clock(now).build();
        let app = app(time.clone()).layer(sabr.layer());
        Self { sabr, time, app }
    }

    /// A request for `/` that has not been polled.
    pub(crate) fn call(&self) -> Call {
        self.call_with(request(Method::GET, "/"))
    }

    /// A request that has not been polled.
    pub(crate) fn call_with(&self, request: Request<Body>) -> Call {
        let mut app = self.app.clone();
        Call::new(Box::pin(async move {
            let Ok(response) = app.call(request).await;
            response
        }))
    }

    pub(crate) fn endpoint(&self) -> EndpointDetail {
        self.sabr.ledger().endpoint("GET", "/").unwrap()
    }

    /// Checks the milliseconds of all requests in each phase. Phases without time are left out.
    #[track_caller]
    pub(crate) fn check(&self, expected: &[(Phase, u64)]) {
        let endpoint = self.endpoint().endpoint;
        let spent = endpoint.phases.iter().filter(|time| time.seconds > 0.0);
        let spent: Vec<_> = spent
            .map(|time| (time.phase, (time.seconds * 1e3).round() as u64))
            .collect();
        assert_eq!(spent, expected);
    }

    /// The first of the kept requests.
    pub(crate) fn kept(&self) -> KeptRequest {
        self.endpoint().kept.remove(0)
    }
}

/// Counts the wakes of a request.
#[derive(Default)]
pub(crate) struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// One request, polled by hand.
pub(crate) struct Call {
    future: Pin<Box<dyn Future<Output = Response> + Send>>,
    woken: Arc<Woken>,
}

impl Call {
    fn new(future: Pin<Box<dyn Future<Output = Response> + Send>>) -> Self {
        let woken = Arc::default();
        Self { future, woken }
    }

    /// The number of times that the request was woken.
    pub(crate) fn wakes(&self) -> usize {
        self.woken.0.load(Ordering::SeqCst)
    }

    pub(crate) fn poll(&mut self) -> Poll<Response> {
        let waker = Waker::from(Arc::clone(&self.woken));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    #[track_caller]
    pub(crate) fn is_pending(&mut self) {
        assert!(self.poll().is_pending());
    }

    #[track_caller]
    pub(crate) fn response(&mut self) -> Response {
        let Poll::Ready(response) = self.poll() else {
            panic!("the response is not ready");
        };
        response
    }

    /// Takes the response and reads its body.
    #[track_caller]
    pub(crate) fn finish(mut self) {
        let mut body = self.response().into_body();
        let mut cx = Context::from_waker(Waker::noop());
        while !body.is_end_stream() {
            let Poll::Ready(Some(Ok(_))) = Pin::new(&mut body).poll_frame(&mut cx) else {
                break;
            };
        }
    }
}
