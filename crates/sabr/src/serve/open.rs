use std::collections::HashMap;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use tokio::sync::Notify;
use tokio::task::{Id, JoinSet};
use tower_service::Service;

use super::connection::Http;
use super::listener::{Accept, Accepted};
use crate::layer::SabrService;

/// The open connections. Each is served by its own task. Only the accept loop owns this value, so
/// it has no lock.
#[derive(Debug)]
pub(super) struct OpenConnections {
    http: Http,
    tasks: JoinSet<()>,
    finish: HashMap<Id, Arc<Notify>>,
}

impl OpenConnections {
    pub(super) fn new(idle_timeout: Duration) -> Self {
        Self {
            http: Http::new(idle_timeout),
            tasks: JoinSet::new(),
            finish: HashMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn serve<A>(&mut self, accepted: Accepted, app: SabrService<A>)
    where
        A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
        A::Future: Send,
    {
        let finish = Arc::new(Notify::new());
        let (http, finished) = (self.http.clone(), Arc::clone(&finish));
        let Accepted { stream, peer } = accepted;
        let task = match stream {
            Accept::Tcp(tcp) => self.tasks.spawn(http.serve(tcp, peer, app, finished)),
            Accept::Other(other) => self.tasks.spawn(http.serve(other, peer, app, finished)),
        };
        let id = task.id();
        self.finish.insert(id, finish);
    }

    /// Waits until a connection has closed. Waits for ever if there is none.
    pub(super) async fn one_closed(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => self.finish.remove(&id),
            Some(Err(error)) => self.finish.remove(&error.id()),
            None => pending().await,
        };
    }

    /// Waits until all connections have closed.
    pub(super) async fn all_closed(&mut self) {
        while self.len() > 0 {
            self.one_closed().await;
        }
    }

    /// Asks each connection to end after the requests that it has begun. An idle one ends at once.
    pub(super) fn finish_all(&self) {
        for finish in self.finish.values() {
            finish.notify_one();
        }
    }

    /// Stops each connection at its next await.
    pub(super) fn abort_all(&mut self) {
        self.tasks.abort_all();
    }
}
