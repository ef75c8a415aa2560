//! Where a sync endpoint runs, measured with a clock that the test moves.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use http::Method;
use http_body_util::BodyExt;
use sabr::{Place, Reason, Sabr, sync};
use tower::ServiceExt;

use crate::support::request;

const SHORT: Duration = Duration::from_micros(1);
const SLOW: Duration = Duration::from_millis(10);

/// A clock, and the time by which a call of the endpoint moves it.
#[derive(Clone)]
struct Time(Arc<Mutex<(Instant, Duration)>>);

impl Time {
    fn new() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), SHORT))))
    }

    fn now(&self) -> Instant {
        self.0.lock().unwrap().0
    }

    fn call_takes(&self, cost: Duration) {
        self.0.lock().unwrap().1 = cost;
    }

    fn pass(&self, time: Duration) {
        self.0.lock().unwrap().0 += time;
    }

    /// The function of the endpoint. Moves the clock, and returns the name of its thread.
    fn call(&self) -> String {
        let cost = self.0.lock().unwrap().1;
        self.pass(cost);
        String::from(std::thread::current().name().unwrap_or_default())
    }
}

struct Endpoint {
    app: Router,
    sabr: Sabr,
    time: Time,
}

impl Endpoint {
    fn new(route: impl FnOnce(Time) -> Router) -> Self {
        let time = Time::new();
        let clock = time.clone();
        let sabr = Sabr::builder().clock(move || clock.now()).build();
        let app = route(time.clone()).layer(sabr.layer());
        Self { app, sabr, time }
    }

    fn adaptive() -> Self {
        Self::new(|time| Router::new().route("/", get(sync(move || time.call()))))
    }

    async fn call(&self) -> Place {
        let request = request(Method::GET, "/");
        let response = self.app.clone().oneshot(request).await.unwrap();
        let thread = response.into_body().collect().await.unwrap().to_bytes();
        if thread == "sabr-endpoint" {
            Place::Pool
        } else {
            Place::InPlace
        }
    }

    async fn calls(&self, count: u32) -> Vec<Place> {
        let mut places = Vec::new();
        for _ in 0..count {
            places.push(self.call().await);
        }
        places
    }
}

#[tokio::test]
async fn short_endpoint_is_promoted_after_64_calls() {
    let endpoint = Endpoint::adaptive();
    assert!(endpoint.calls(64).await.iter().all(|at| *at == Place::Pool));
    assert_eq!(endpoint.call().await, Place::InPlace);
    let stats = &endpoint.sabr.endpoints()[0];
    assert_eq!((stats.place, stats.reason), (Place::InPlace, Reason::Short));
    assert!(stats.name.ends_with("adaptive"), "{}", stats.name);
}

#[tokio::test]
async fn endpoint_that_turns_slow_stalls_a_worker_once() {
    let endpoint = Endpoint::adaptive();
    endpoint.calls(65).await;
    endpoint.time.call_takes(SLOW);
    let places = endpoint.calls(200).await;
    assert_eq!(places[0], Place::InPlace);
    assert!(places[1..].iter().all(|at| *at == Place::Pool));
    let stats = &endpoint.sabr.endpoints()[0];
    assert_eq!((stats.reason, stats.demotions), (Reason::Slow, 1));
}

#[tokio::test]
async fn demoted_endpoint_comes_back_after_its_hold() {
    let endpoint = Endpoint::adaptive();
    endpoint.calls(65).await;
    endpoint.time.call_takes(SLOW);
    endpoint.call().await;
    endpoint.time.call_takes(SHORT);
    assert!(
        endpoint
            .calls(100)
            .await
            .iter()
            .all(|at| *at == Place::Pool)
    );
    endpoint.time.pass(Duration::from_secs(1));
    endpoint.call().await;
    assert_eq!(endpoint.call().await, Place::InPlace);
}

#[tokio::test]
async fn slow_endpoint_stays_on_the_pool() {
    let endpoint = Endpoint::adaptive();
    endpoint.time.call_takes(SLOW);
    assert!(
        endpoint
            .calls(200)
            .await
            .iter()
            .all(|at| *at == Place::Pool)
    );
}

#[tokio::test]
async fn pinned_endpoints_stay_where_they_are() {
    let pooled = Endpoint::new(|time| {
        let endpoint = sync(move || time.call()).pooled();
        Router::new().route("/", get(endpoint))
    });
    assert!(pooled.calls(200).await.iter().all(|at| *at == Place::Pool));
    assert_eq!(pooled.sabr.endpoints()[0].reason, Reason::Pinned);

    let in_place = Endpoint::new(|time| {
        let endpoint = sync(move || time.call()).in_place();
        Router::new().route("/", get(endpoint))
    });
    in_place.time.call_takes(SLOW);
    assert!(
        in_place
            .calls(9)
            .await
            .iter()
            .all(|at| *at == Place::InPlace)
    );
}
