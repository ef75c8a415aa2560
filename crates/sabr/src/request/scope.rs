use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Request;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Version, header};
use parking_lot::{Mutex, MutexGuard};
use sabr_ledger::{Book, Meter, Nanos, Spent};
use sabr_watchdog::{PollGuard, PollId};

use super::progress::Progress;
use crate::backlog::{Due, Next, Outcome, Task, TaskList};
use crate::clock::Stretch;
use crate::poll_subject::PollSubject;
use crate::shared::Shared;
use crate::telemetry::Parent;

/// The state that all parts of one request share, from its head to its last task.
pub(crate) struct Scope {
    shared: Arc<Shared>,
    method: Method,
    path: Option<PathAndQuery>,
    version: Version,
    connection: Option<Arc<Progress>>,
    /// The body of the request was dropped before the client had sent all of it.
    body_unread: AtomicBool,
    meter: Meter,
    /// The caller's span.
    parent: Parent,
    /// Relaxed: it guards no other memory.
    client_gone: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tasks: TaskList,
    /// The handler runs to its end even if the client disconnects, and ends the list then.
    finishing: bool,
}

impl Scope {
    pub(super) fn new(
        shared: &Arc<Shared>,
        request: &Request,
        connection: Option<Arc<Progress>>,
    ) -> Self {
        Self {
            shared: Arc::clone(shared),
            method: request.method().clone(),
            path: request.uri().path_and_query().cloned(),
            version: request.version(),
            connection,
            body_unread: AtomicBool::new(false),
            meter: Meter::new(shared.config.clock.nanos()),
            parent: shared.telemetry.parent(request.headers()),
            client_gone: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// The ledger account of the request.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// A handler runs. If no route has been reported by now, it is the fallback of the router.
    pub(crate) fn without_route_by_now(&self) {
        if self.meter.endpoint().is_none() {
            let fallback = self.shared.book.without_route();
            self.meter.set_endpoint(fallback, || {});
        }
    }

    /// A poll of the request begins at `now` on this thread, and lasts until the guard is dropped.
    pub(crate) fn poll_begins(&self, now: Nanos) -> Option<PollGuard> {
        let system = !self.shared.config.clock.is_injected();
        system.then(|| sabr_watchdog::enter(now, self.poll_id()))
    }

    /// The id of the request's polls, for the watchdog.
    pub(super) fn poll_id(&self) -> PollId {
        let endpoint = self.meter.endpoint();
        let id = endpoint.map_or(Book::NO_ROUTE_ID, |endpoint| endpoint.id());
        let subject = PollSubject::endpoint(id);
        self.shared.watchdog.poll_id(subject.to_bits())
    }

    /// A stretch of the request's code begins on this thread.
    pub(crate) fn stretch(&self, now: Nanos) -> Stretch {
        if self.shared.config.clock.is_injected() {
            return Stretch::unread(now);
        }
        Stretch::begin(now, self.meter.measures_exactly())
    }

    /// How a stretch that ends now has used its thread. Under an injected clock, all of it counts
    /// as computing.
    pub(crate) fn spent(&self, stretch: Stretch, now: Nanos) -> Spent {
        if self.shared.config.clock.is_injected() {
            return Spent::all_computing(now.saturating_sub(stretch.began()));
        }
        stretch.end(now)
    }

    /// The rest of the stretch is measured exactly.
    pub(crate) fn restarted_exactly(&self, stretch: Stretch) -> Stretch {
        if self.shared.config.clock.is_injected() {
            return stretch;
        }
        stretch.restart_exactly(self.now())
    }

    pub(crate) fn body_left_unread(&self) {
        self.body_unread.store(true, Ordering::Relaxed);
        if let Some(connection) = &self.connection {
            connection.body_left_unread();
        }
    }

    /// The head of the response is about to be handed to the connection.
    pub(crate) fn answer_begins(&self, headers: &mut HeaderMap) {
        self.add_server_timing(headers);
        let Some(connection) = &self.connection else {
            return;
        };
        connection.answer_began();
        if self.body_unread.load(Ordering::Relaxed) && self.version <= Version::HTTP_11 {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }

    /// Whether it came over one of our connections.
    pub(crate) fn is_served_by_us(&self) -> bool {
        self.connection.is_some()
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    pub(super) fn path(&self) -> Option<&PathAndQuery> {
        self.path.as_ref()
    }

    pub(super) fn parent(&self) -> &Parent {
        &self.parent
    }

    pub(super) fn connection(&self) -> Option<&Progress> {
        self.connection.as_deref()
    }

    /// Adds `Server-Timing` to the head of the response, if the settings say so.
    fn add_server_timing(&self, headers: &mut HeaderMap) {
        if self.shared.config.server_timing
            && let Ok(value) = HeaderValue::try_from(self.meter.server_timing())
        {
            headers.append("server-timing", value);
        }
    }

    /// The present time by the clock of the service.
    pub(crate) fn now(&self) -> Nanos {
        self.shared.config.clock.nanos()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn add_task(&self, task: Task) -> Next {
        self.lock().tasks.add(task)
    }

    pub(crate) fn run_tasks_concurrently(&self) {
        self.lock().tasks.run_concurrently();
    }

    pub(crate) fn runs_tasks_concurrently(&self) -> bool {
        self.lock().tasks.is_concurrent()
    }

    pub(crate) fn take_task(&self) -> Option<Due> {
        self.lock().tasks.take()
    }

    pub(crate) fn is_client_gone(&self) -> bool {
        self.client_gone.load(Ordering::Relaxed)
    }

    /// Ends the list of tasks. `None` if it has ended before.
    pub(super) fn end_tasks(&self, outcome: Outcome) -> Option<Next> {
        let mut state = self.lock();
        (!state.tasks.has_ended()).then(|| state.tasks.end(outcome))
    }

    /// From now on the task list ends when the handler ends, not when the client disconnects.
    pub(crate) fn begin_finishing(&self) {
        self.lock().finishing = true;
    }

    /// The response has reached the connection. From now on the task list ends with the response.
    pub(crate) fn stop_finishing(&self) {
        self.lock().finishing = false;
    }

    /// The client disconnected before it had the whole response.
    pub(crate) fn client_is_gone(&self) {
        self.client_gone.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_finishing(&self) -> bool {
        self.lock().finishing
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

/// The method and the path. Without the query, because it may hold secrets.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_ref().map_or("*", PathAndQuery::path);
        write!(f, "{} {path}", self.method)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
