//! A dependency: what a request needs, and what happens to it after the response.
//!
//! FastAPI:
//!
//! ```python
//! def session():
//!     session = db.open()
//!     try:
//!         yield session
//!     finally:
//!         db.close(session)
//! ```
//!
//! `cargo run -p sabr --example dependency`, then `curl localhost:8000/session`

mod listen;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sabr::{BackgroundTasks, Sabr};

use self::listen::listen;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// The sessions that are open now.
#[derive(Clone, Default)]
pub(crate) struct Db(Arc<Mutex<BTreeSet<u64>>>);

impl Db {
    pub(crate) fn open_sessions(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session for one request. It is closed after the response.
struct Session(u64);

impl FromRequestParts<Db> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, db: &Db) -> Result<Self, Response> {
        let tasks = BackgroundTasks::from_request_parts(parts, db).await;
        let tasks = tasks.map_err(IntoResponse::into_response)?;
        let session = NEXT.fetch_add(1, Ordering::Relaxed);
        let closing = db.clone();
        // Why first: if the backlog is full, nothing has been opened that nobody would close.
        let close = tasks.clean_up(move || {
            closing.open_sessions().remove(&session);
        });
        close.map_err(IntoResponse::into_response)?;
        db.open_sessions().insert(session);
        Ok(Self(session))
    }
}

async fn read(session: Session) -> String {
    format!("session {}\n", session.0)
}

pub(crate) fn app(db: Db) -> Router {
    Router::new().route("/session", get(read)).with_state(db)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await;
    Sabr::default().serve(listener, app(Db::default())).await?;
    Ok(())
}
