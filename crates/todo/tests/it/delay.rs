use std::time::Duration;

use futures_util::future::join_all;
use http_body_util::BodyExt;
use sabr::Sabr;
use todo::db::Db;
use todo::http::{App, router};
use todo_core::{Clock, Ids};
use todo_sqlite::{SqliteOptions, SqliteStore};
use tokio::time::Instant;
use tower::ServiceExt;

use crate::server::config;

/// Time is paused: it only advances when all tasks wait, and then to the earliest timer. A thousand
/// waits of one second end after exactly one second if they run at the same time, on the only
/// thread.
#[tokio::test(start_paused = true)]
async fn a_thousand_requests_wait_for_a_slow_database_together() {
    let delay = Duration::from_secs(1);
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&SqliteOptions {
        path: Some(folder.path().join("todo.db")),
        ..SqliteOptions::default()
    })
    .unwrap();
    let sabr = Sabr::builder().build();
    let app = App {
        db: Db::new(store).with_delay(delay),
        clock: Clock::system(),
        ids: Ids::random(),
        sabr: sabr.clone(),
    };
    let router = router(app, config().limits).layer(sabr.layer());
    let begun = Instant::now();
    let answers = join_all((0..1000).map(|_| {
        let request = axum::http::Request::get("/users").header("host", "localhost");
        let request = request.body(axum::body::Body::empty()).unwrap();
        let router = router.clone();
        async move {
            let response = router.oneshot(request).await.unwrap();
            let status = response.status();
            response.into_body().collect().await.unwrap();
            status
        }
    }))
    .await;
    assert!(answers.iter().all(|status| status.is_success()));
    assert_eq!(begun.elapsed(), delay);
}
