//! The cost of the ledger, without a network: nanoseconds for a request and for a poll, and bytes
//! for a request in flight.
//!
//! `cargo bench -p sabr --bench ledger` calls a router in this process, bare and with Sabr's layer,
//! in turns. It takes the fastest turn of each, because other load on the machine only adds time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use sabr::Sabr;
use tower_layer::Layer;
use tower_service::Service;

const TURNS: usize = 400;
const REQUESTS: usize = 500;
const POLLS: usize = 1000;

/// Counts the bytes that are currently allocated.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "an allocator can't be had without")]
// SAFETY: all calls are passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

async fn constant() -> &'static str {
    "ok"
}

/// Is ready at poll number `POLLS`, and does nothing else.
async fn pending() -> &'static str {
    let mut left = POLLS;
    poll_fn(|_| {
        left -= 1;
        if left == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    "ok"
}

async fn never() -> &'static str {
    std::future::pending().await
}

fn app() -> Router {
    Router::new()
        .route("/", get(constant))
        .route("/pending", get(pending))
        .route("/never", get(never))
        .with_state(())
}

fn main() {
    let sabr = Sabr::default();
    let bare = app();
    let inside = app().layer(sabr.layer()).with_state(());
    let outside = sabr.layer().layer(app());
    let mut times = [f64::MAX; 6];
    for _ in 0..TURNS {
        let turn = [
            nanos(&bare, "/", REQUESTS),
            nanos(&inside, "/", REQUESTS),
            nanos(&outside, "/", REQUESTS),
            nanos(&bare, "/pending", 1),
            nanos(&inside, "/pending", 1),
            nanos(&outside, "/pending", 1),
        ];
        for (best, new) in times.iter_mut().zip(turn) {
            *best = best.min(new);
        }
    }
    let [
        bare_request,
        inside_request,
        outside_request,
        bare_polls,
        inside_polls,
        outside_polls,
    ] = times;
    println!("a request, bare                    {bare_request:>7.0} ns");
    println!(
        "  with the layer on each route    +{:>7.0} ns",
        inside_request - bare_request
    );
    println!(
        "  with the layer around the app   +{:>7.0} ns",
        outside_request - bare_request
    );
    let polls = POLLS as f64;
    println!(
        "a poll, bare                       {:>7.1} ns",
        bare_polls / polls
    );
    println!(
        "  with the layer on each route    +{:>7.1} ns",
        (inside_polls - bare_polls) / polls
    );
    println!(
        "  with the layer around the app   +{:>7.1} ns",
        (outside_polls - bare_polls) / polls
    );
    let (bare_bytes, with_bytes) = (bytes(&bare), bytes(&outside));
    println!("a request in flight, bare          {bare_bytes:>7} bytes");
    println!(
        "  with the layer around the app   +{:>7} bytes",
        with_bytes - bare_bytes
    );
}

fn request(path: &str) -> Request {
    Request::get(path).body(Body::empty()).unwrap_or_default()
}

/// Sends `count` requests, and returns the nanoseconds for one.
fn nanos<S, B>(app: &S, path: &str, count: usize) -> f64
where
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone,
    B: HttpBody + Unpin,
{
    let mut cx = Context::from_waker(Waker::noop());
    let began = Instant::now();
    for _ in 0..count {
        let mut app = app.clone();
        let mut future = pin!(app.call(request(path)));
        let mut response = loop {
            if let Poll::Ready(Ok(response)) = future.as_mut().poll(&mut cx) {
                break response;
            }
        };
        let body = std::pin::Pin::new(response.body_mut());
        let _ = black_box(body.poll_frame(&mut cx));
        black_box(response);
    }
    began.elapsed().as_nanos() as f64 / count as f64
}

/// Bytes that one request holds while it waits.
fn bytes<S>(app: &S) -> usize
where
    S: Service<Request, Error = Infallible> + Clone,
{
    let mut cx = Context::from_waker(Waker::noop());
    let mut waiting = Vec::with_capacity(1000);
    let before = ALLOCATED.load(Ordering::Relaxed);
    for _ in 0..1000 {
        let mut future = Box::pin(app.clone().call(request("/never")));
        assert!(future.as_mut().poll(&mut cx).is_pending());
        waiting.push(future);
    }
    (ALLOCATED.load(Ordering::Relaxed) - before) / 1000
}
