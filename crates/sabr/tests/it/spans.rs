//! All work for a request runs in its span, also on pools and in tasks.

use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use sabr::{BackgroundTasks, NotRun, Sabr, compute, sync};
use tracing::field::{Field, Visit};
use tracing::{Event, Instrument, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::support::Server;

/// Collects each event as `outer: inner: message`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let mut line = String::new();
        for span in cx
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            line.push_str(span.name());
            line.push_str(": ");
        }
        event.record(&mut Message(&mut line));
        self.0.lock().unwrap().push(line);
    }
}

struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0.push_str(&format!("{value:?}"));
        }
    }
}

/// The events of the global subscriber. Why global: pool threads see no other.
fn seen() -> Seen {
    static SEEN: OnceLock<Seen> = OnceLock::new();
    let seen = SEEN.get_or_init(|| {
        let seen = Seen::default();
        let subscriber = Registry::default().with(seen.clone());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        seen
    });
    seen.clone()
}

#[tokio::test]
async fn span_of_the_request_reaches_pools_and_tasks() {
    let seen = seen();
    let in_pool = sync(|| tracing::info!("in a sync endpoint"));
    let app = Router::new()
        .route("/sync", get(in_pool))
        .route(
            "/",
            get(async |tasks: BackgroundTasks| {
                compute(|| tracing::info!("in compute")).await?;
                tasks.add(async { tracing::info!("in a task") })?;
                tasks.add_sync(|| tracing::info!("in a sync task"))?;
                Ok::<_, NotRun>(())
            }),
        )
        .layer(from_fn(async |request, next: Next| {
            next.run(request)
                .instrument(tracing::info_span!("request"))
                .await
        }));
    let server = Server::start(Sabr::default(), app).await;
    server.get("/sync").await;
    server.get("/").await;
    server.sabr.tasks_idle().await;
    let lines = seen.0.lock().unwrap().clone();
    for expected in [
        "request: in a sync endpoint",
        "request: in compute",
        "request: background_task: in a task",
        "request: background_task: in a sync task",
    ] {
        assert!(
            lines.iter().any(|line| line == expected),
            "{expected} in {lines:#?}"
        );
    }
}
