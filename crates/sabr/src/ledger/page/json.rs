use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use tokio::sync::{Mutex, MutexGuard};

use super::source::Source;
use crate::ledger::snapshot::Snapshot;
use crate::problem;

/// The ledger is read and serialised at most once in this time, however many pages are open.
const AGE_MAX: Duration = Duration::from_millis(500);

/// The figures as JSON. One answer at a time is serialised, on a blocking thread of tokio.
///
/// Why there: the event loop has requests to serve, and the page must not wait for a pool of Sabr
/// when it is to show that the pools are full.
pub(super) struct Json {
    source: Source,
    ledger: Mutex<Option<Written>>,
}

struct Written {
    at: Instant,
    json: Bytes,
}

impl Json {
    pub(super) fn new(source: Source) -> Self {
        let ledger = Mutex::new(None);
        Self { source, ledger }
    }

    pub(super) async fn ledger(&self) -> Response {
        let mut ledger = self.ledger.lock().await;
        if let Some(written) = &*ledger
            && written.at.elapsed() < AGE_MAX
        {
            return answer(written.json.clone());
        }
        let snapshot = self.source.snapshot.clone();
        let Some(json) = write(&ledger, move || without_buckets(snapshot())).await else {
            return failed();
        };
        let at = Instant::now();
        *ledger = Some(Written {
            at,
            json: json.clone(),
        });
        answer(json)
    }

    pub(super) async fn endpoint(&self, method: String, route: String) -> Response {
        let one_at_a_time = self.ledger.lock().await;
        let endpoint = self.source.endpoint.clone();
        let written = write(&one_at_a_time, move || endpoint(&method, &route)).await;
        match written {
            None => failed(),
            Some(json) if json == "null" => problem::response(
                StatusCode::NOT_FOUND,
                "The ledger has no such endpoint: nobody has asked for it since the service started.",
            ),
            Some(json) => answer(json),
        }
    }
}

/// Removes the buckets. They are nine tenths of the JSON, and the overview does not need them.
fn without_buckets(mut snapshot: Snapshot) -> Snapshot {
    for endpoint in &mut snapshot.endpoints {
        endpoint.duration.buckets = Vec::new();
        endpoint.head.buckets = Vec::new();
    }
    snapshot
}

/// Serialises the result of `read`. `None` if `read` panics, or if its result cannot be serialised.
async fn write<T: Serialize>(
    _one_at_a_time: &MutexGuard<'_, Option<Written>>,
    read: impl FnOnce() -> T + Send + 'static,
) -> Option<Bytes> {
    let written = tokio::task::spawn_blocking(move || serde_json::to_vec(&read()));
    match written.await {
        Ok(Ok(json)) => Some(json.into()),
        Ok(Err(error)) => {
            tracing::error!(%error, "the ledger could not be written as JSON");
            None
        }
        Err(error) => {
            tracing::error!(%error, "the ledger could not be read");
            None
        }
    }
}

fn failed() -> Response {
    problem::response(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The ledger could not be read; the log of the service says why.",
    )
}

fn answer(json: Bytes) -> Response {
    let mut response = Response::new(Body::from(json));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
