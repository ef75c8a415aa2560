use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Version, header};
use sabr_ledger::{Book, Meter, Nanos, RequestEnd, RequestOutcome, Spent};
use sabr_watchdog::{PollGuard, PollId};

use super::pieces::{NoRoom, Pieces};
use crate::context;
use crate::ledger::{self, Parent, RequestBody, Stretch, clock};
use crate::poll_subject::PollSubject;
use crate::serve::Progress;
use crate::shared::Shared;
use crate::tasks::{self, Due, Next, Outcome, Task, TaskList};

/// What all parts of one request share, from its head to its last task.
pub(crate) struct Scope {
    shared: Arc<Shared>,
    method: Method,
    path: Option<PathAndQuery>,
    version: Version,
    connection: Option<Arc<Progress>>,
    /// The request's body was dropped before the client had sent all of it.
    body_unread: AtomicBool,
    meter: Meter,
    /// The span of the caller.
    parent: Parent,
    /// Told to handlers that cannot be cancelled. A flag and nothing more: it orders no other memory.
    client_gone: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tasks: TaskList,
    /// The handler runs on although its client has left, and will end the list itself.
    finishing: bool,
}

impl Scope {
    /// Puts a new scope into the request, which came over a connection of ours or of somebody else's.
    pub(super) fn around(
        shared: &Arc<Shared>,
        mut request: Request,
        connection: Option<Arc<Progress>>,
    ) -> (Arc<Self>, Request) {
        shared.seen_runtime();
        shared.watch();
        if let Some(connection) = &connection {
            connection.request_began(request.version());
        }
        let scope = Arc::new(Self {
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
        });
        request.extensions_mut().insert(Arc::clone(&scope));
        if !request.body().is_end_stream() {
            let scope = Arc::clone(&scope);
            let expected = request.headers().contains_key(header::EXPECT);
            request = request.map(|inner| Body::new(RequestBody::new(inner, scope, expected)));
        }
        (scope, request)
    }

    /// What is measured of the request.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// A poll of the request begins at `now` on this thread, and lasts until the guard is dropped.
    pub(crate) fn poll_begins(&self, now: Nanos) -> Option<PollGuard> {
        let system = !self.shared.config.clock.is_injected();
        system.then(|| sabr_watchdog::enter(now, self.poll_id()))
    }

    /// The poll that goes on here is one of the request, whose endpoint is known only now.
    pub(crate) fn poll_is_known(self: &Arc<Self>) {
        if context::is_current(self) && !self.shared.config.clock.is_injected() {
            sabr_watchdog::rename(self.poll_id());
        }
    }

    fn poll_id(&self) -> PollId {
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

    /// How a stretch spent its time that ends now. That of an injected clock counts as computing.
    pub(crate) fn spent(&self, stretch: Stretch, now: Nanos) -> Spent {
        if self.shared.config.clock.is_injected() {
            return Spent::all_computing(now.saturating_sub(stretch.began()));
        }
        stretch.end(now)
    }

    /// The stretch goes on; its endpoint is one to be measured exactly.
    pub(crate) fn sharpened(&self, stretch: Stretch) -> Stretch {
        if self.shared.config.clock.is_injected() {
            return stretch;
        }
        stretch.sharpen(self.now())
    }

    pub(crate) fn body_left_unread(&self) {
        self.body_unread.store(true, Ordering::Relaxed);
        if let Some(connection) = &self.connection {
            connection.body_left_unread();
        }
    }

    /// The head of the response is about to be handed to the connection.
    pub(super) fn answer_begins(&self, headers: &mut HeaderMap) {
        self.tell_timing(headers);
        let Some(connection) = &self.connection else {
            return;
        };
        connection.answer_began();
        if self.body_unread.load(Ordering::Relaxed) && self.version <= Version::HTTP_11 {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }

    /// How the body of the response is cut; not at all if the connection is not ours. An answer to
    /// an unsafe method is never refused, because the client must learn that the change was made.
    pub(super) fn pieces(&self, body: &Body) -> Result<Option<Pieces>, NoRoom> {
        match &self.connection {
            Some(_) => Pieces::of(body, &self.shared.budget, self.method.is_safe()),
            None => Ok(None),
        }
    }

    /// Puts `Server-Timing` into the head of the response, if it was asked for.
    fn tell_timing(&self, headers: &mut HeaderMap) {
        if self.shared.config.server_timing
            && let Ok(value) = HeaderValue::try_from(self.meter.server_timing())
        {
            headers.append("server-timing", value);
        }
    }

    /// What time it is, by the clock of the service.
    pub(crate) fn now(&self) -> Nanos {
        self.shared.config.clock.nanos()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn add_task(self: &Arc<Self>, task: Task) {
        let next = self.lock().tasks.add(task);
        self.proceed(next);
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

    /// The response has ended; later calls change nothing.
    pub(crate) fn end(self: &Arc<Self>, outcome: Outcome) {
        let mut state = self.lock();
        if state.tasks.has_ended() {
            return;
        }
        let next = state.tasks.end(outcome);
        drop(state);
        if let Some(connection) = &self.connection {
            connection.request_ended();
        }
        self.shared.request_ended(self);
        self.close_account(outcome);
        self.proceed(next);
    }

    fn close_account(self: &Arc<Self>, outcome: Outcome) {
        let now = self.now();
        ledger::end_here(self, now);
        let status = match outcome {
            Outcome::Responded(status) => Some(status.as_u16()),
            Outcome::Broken => None,
        };
        let end = RequestEnd {
            now,
            outcome: match status {
                _ if self.is_client_gone() => RequestOutcome::Cancelled,
                Some(status) => RequestOutcome::of_status(status),
                None => RequestOutcome::Failed,
            },
            status,
            unix_time: clock::unix_time,
        };
        let shared = &self.shared;
        let closed = self
            .meter
            .close(end, &shared.book, &shared.config.thresholds);
        let (method, path) = (&self.method, self.path.as_ref());
        shared
            .telemetry
            .ended(closed, &self.meter, method, path, &self.parent);
    }

    /// From now on the list ends with the handler, not with the client.
    pub(crate) fn begin_finishing(&self) {
        self.lock().finishing = true;
    }

    /// The response has been taken over: from now on the list ends as that of any other request.
    pub(crate) fn stop_finishing(&self) {
        self.lock().finishing = false;
    }

    /// The client left before it had the whole response.
    pub(super) fn client_is_gone(&self) {
        self.client_gone.store(true, Ordering::Relaxed);
    }

    /// The client left before there was a response.
    pub(super) fn client_left(self: &Arc<Self>) {
        self.client_is_gone();
        if !self.lock().finishing {
            self.end(Outcome::Broken);
        }
    }

    fn proceed(self: &Arc<Self>, next: Next) {
        if next == Next::Run {
            self.shared.spawn(tasks::run(Arc::clone(self)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The method and the path, without the query: it may hold what a log must not.
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
