use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};
use sabr::ledger::VerdictKind;

use crate::calling::Client;

/// The verdict "never waits" takes a hundred successful requests.
pub(crate) const ENOUGH_TO_NEVER_WAIT: usize = 112;
/// All other verdicts take thirty requests.
const ENOUGH: usize = 32;
/// A verdict on a handler that slows others down comes as soon as it is certain.
const ENOUGH_TO_OFFEND: usize = 6;

/// A handler, how it is called, and the verdict that it deserves.
pub(crate) struct Case {
    /// The name, which is also the route.
    pub(crate) name: &'static str,
    pub(crate) method: http::Method,
    pub(crate) handler: MethodRouter,
    pub(crate) expected: VerdictKind,
    pub(crate) requests: usize,
    /// The number of clients. They share the requests.
    pub(crate) clients: usize,
    pub(crate) client: Client,
    /// Words that the verdict must have, in its finding, advice, evidence or hint.
    pub(crate) says: Option<&'static str>,
    /// Words that the verdict must not have.
    pub(crate) never_says: Option<&'static str>,
    /// A wrong verdict that is accepted because the ledger cannot know better, and the reason.
    pub(crate) limit: Option<(VerdictKind, &'static str)>,
    /// The verdict depends on the timing of the requests, so the case is not called beside others.
    pub(crate) alone: bool,
}

impl Case {
    pub(crate) fn get<H, T>(name: &'static str, expected: VerdictKind, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        Self::new(name, http::Method::GET, expected, get(handler))
    }

    pub(crate) fn post<H, T>(name: &'static str, expected: VerdictKind, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        Self::new(name, http::Method::POST, expected, post(handler))
    }

    fn new(
        name: &'static str,
        method: http::Method,
        expected: VerdictKind,
        handler: MethodRouter,
    ) -> Self {
        let requests = match expected {
            VerdictKind::NeverWaits => ENOUGH_TO_NEVER_WAIT,
            VerdictKind::BlocksEventLoop | VerdictKind::ComputesOnEventLoop => ENOUGH_TO_OFFEND,
            _ => ENOUGH,
        };
        let clients = match expected {
            VerdictKind::BlocksEventLoop
            | VerdictKind::ComputesOnEventLoop
            | VerdictKind::SyncFits => 1,
            _ => 4,
        };
        Self {
            name,
            method,
            handler,
            expected,
            requests,
            clients,
            client: Client::Reads,
            says: None,
            never_says: None,
            limit: None,
            alone: false,
        }
    }

    /// Wraps the handler, for example in middleware.
    pub(crate) fn within(mut self, wrap: impl FnOnce(MethodRouter) -> MethodRouter) -> Self {
        self.handler = wrap(self.handler);
        self
    }

    pub(crate) fn requests(mut self, requests: usize) -> Self {
        self.requests = requests;
        self
    }

    pub(crate) fn clients(mut self, clients: usize) -> Self {
        self.clients = clients;
        self
    }

    pub(crate) fn client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    pub(crate) fn says(mut self, words: &'static str) -> Self {
        self.says = Some(words);
        self
    }

    pub(crate) fn never_says(mut self, words: &'static str) -> Self {
        self.never_says = Some(words);
        self
    }

    pub(crate) fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// Accepts the verdict `given`, although the handler deserves another one.
    pub(crate) fn known_limit(mut self, given: VerdictKind, why: &'static str) -> Self {
        self.limit = Some((given, why));
        self
    }

    pub(crate) fn path(&self) -> String {
        format!("/{}", self.name)
    }
}
