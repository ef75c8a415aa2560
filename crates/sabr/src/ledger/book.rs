//! All endpoints of one service.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use http::Method;

use super::endpoint::Endpoint;

const NO_ROUTE: &str = "(no route)";
const OVER_BOUND: &str = "(over the bound)";

/// Every endpoint that was asked for, up to a bound. Two more share what has no route, and what is over the
/// bound, so memory does not grow with the traffic.
#[derive(Debug)]
pub(crate) struct Book {
    most: usize,
    endpoints: RwLock<Endpoints>,
    no_route: Arc<Endpoint>,
    over_bound: Arc<Endpoint>,
}

#[derive(Debug, Default)]
struct Endpoints {
    listed: Vec<Arc<Endpoint>>,
    by_name: HashMap<(&'static str, Arc<str>), Arc<Endpoint>>,
}

impl Book {
    pub(crate) const NO_ROUTE_ID: u32 = 0;
    const OVER_BOUND_ID: u32 = 1;

    pub(crate) fn new(most: usize) -> Self {
        let shared = |id, route: &str| Arc::new(Endpoint::new(id, "ANY", Arc::from(route), false));
        Self {
            most,
            endpoints: RwLock::default(),
            no_route: shared(Self::NO_ROUTE_ID, NO_ROUTE),
            over_bound: shared(Self::OVER_BOUND_ID, OVER_BOUND),
        }
    }

    /// The endpoint of a method and a route, which is new or known.
    pub(crate) fn endpoint(&self, method: &Method, route: &str) -> Arc<Endpoint> {
        let name = (name_of(method), Arc::from(route));
        let known = self.read(|endpoints| endpoints.by_name.get(&name).cloned());
        known.unwrap_or_else(|| self.add(name))
    }

    /// A request has no route, or came by none that was told.
    pub(crate) fn begin_without_route(&self) -> Arc<Endpoint> {
        self.no_route.begin();
        Arc::clone(&self.no_route)
    }

    /// In the order in which they were first asked for; without the shared ones as long as nothing is in them.
    pub(crate) fn all(&self) -> Vec<Arc<Endpoint>> {
        let mut all = self.read(|endpoints| endpoints.listed.clone());
        all.push(Arc::clone(&self.no_route));
        all.push(Arc::clone(&self.over_bound));
        all
    }

    pub(crate) fn find(&self, method: &str, route: &str) -> Option<Arc<Endpoint>> {
        let named =
            |endpoint: &Arc<Endpoint>| endpoint.method == method && *endpoint.route == *route;
        self.all().into_iter().find(named)
    }

    /// The method and route of an endpoint, for the watchdog.
    pub(crate) fn name(&self, id: u32) -> (&'static str, String) {
        let all = self.all();
        let found = all.iter().find(|endpoint| endpoint.id == id);
        let endpoint = found.unwrap_or(&self.no_route);
        (endpoint.method, endpoint.route.to_string())
    }

    fn add(&self, name: (&'static str, Arc<str>)) -> Arc<Endpoint> {
        let mut endpoints = self
            .endpoints
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = endpoints.by_name.get(&name) {
            return Arc::clone(known);
        }
        if endpoints.listed.len() >= self.most {
            return Arc::clone(&self.over_bound);
        }
        // Two ids belong to the shared ones.
        let id = u32::try_from(endpoints.listed.len()).unwrap_or(u32::MAX - 2) + 2;
        let endpoint = Arc::new(Endpoint::new(id, name.0, Arc::clone(&name.1), true));
        endpoints.listed.push(Arc::clone(&endpoint));
        endpoints.by_name.insert(name, Arc::clone(&endpoint));
        endpoint
    }

    fn read<T>(&self, read: impl FnOnce(&Endpoints) -> T) -> T {
        read(
            &self
                .endpoints
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// A method that HTTP defines, or one name for all others: a client must not be able to fill the book.
pub(crate) fn name_of(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 9] = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::CONNECT, "CONNECT"),
        (Method::TRACE, "TRACE"),
    ];
    let known = KNOWN.iter().find(|(known, _)| known == method);
    known.map_or("OTHER", |(_, name)| name)
}
