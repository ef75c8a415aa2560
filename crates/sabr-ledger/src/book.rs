//! All endpoints of one service.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::endpoint::Endpoint;
use crate::route_rule::RouteRule;

const NO_ROUTE: &str = "(no route)";
const OVER_BOUND: &str = "(over the bound)";

/// Every endpoint that received a request, up to a bound.
///
/// Requests that matched no route are counted in one shared endpoint, which is the fallback of the
/// router. Endpoints over the bound are counted in another. So memory does not grow with the
/// traffic.
///
/// ```
/// use sabr_ledger::Book;
///
/// let book = Book::new(1);
/// let _ = book.endpoint("GET", "/todos");
/// assert_eq!(&**book.endpoint("GET", "/users").route(), "(over the bound)");
/// ```
#[derive(Debug)]
pub struct Book {
    endpoints_max: usize,
    endpoints: RwLock<Endpoints>,
    no_route: Arc<Endpoint>,
    over_bound: Arc<Endpoint>,
    rules: Vec<RouteRule>,
}

#[derive(Debug, Default)]
struct Endpoints {
    listed: Vec<Arc<Endpoint>>,
    by_name: HashMap<(&'static str, Arc<str>), Arc<Endpoint>>,
}

impl Book {
    /// The [id](Endpoint::id) of the endpoint that requests without a route share.
    pub const NO_ROUTE_ID: u32 = 0;
    const OVER_BOUND_ID: u32 = 1;

    /// An empty book that will list at most `endpoints_max` endpoints, not counting the two shared
    /// ones.
    #[must_use]
    pub fn new(endpoints_max: usize) -> Self {
        Self::with_rules(endpoints_max, Vec::new())
    }

    /// The same, with rules for some routes. If a route has several rules, the last one counts.
    /// The fallback of the router has the route `(no route)`.
    #[must_use]
    pub fn with_rules(endpoints_max: usize, rules: Vec<RouteRule>) -> Self {
        let rule = rule_of(&rules, NO_ROUTE);
        let no_route = Endpoint::new(Self::NO_ROUTE_ID, "ANY", Arc::from(NO_ROUTE));
        let over_bound = Endpoint::new(Self::OVER_BOUND_ID, "ANY", Arc::from(OVER_BOUND));
        Self {
            endpoints_max,
            endpoints: RwLock::default(),
            no_route: Arc::new(no_route.without_route().with_rule(rule)),
            over_bound: Arc::new(over_bound.without_route().unjudged()),
            rules,
        }
    }

    /// The endpoint of a method and a route. It is created if it is new.
    ///
    /// `method` must be one of a fixed set of names: a client chooses the method, and must not be
    /// able to fill the book.
    #[must_use]
    pub fn endpoint(&self, method: &'static str, route: &str) -> Arc<Endpoint> {
        let name = (method, Arc::from(route));
        let known = self.read(|endpoints| endpoints.by_name.get(&name).cloned());
        known.unwrap_or_else(|| self.add(name))
    }

    /// The endpoint of requests that matched no route, or whose route was not reported.
    #[must_use]
    pub fn without_route(&self) -> &Arc<Endpoint> {
        &self.no_route
    }

    /// Counts a request that matched no route, or whose route was not reported.
    pub(crate) fn begin_without_route(&self) -> Arc<Endpoint> {
        self.no_route.begin();
        Arc::clone(&self.no_route)
    }

    /// All endpoints in the order of their first requests, then the two shared ones.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Endpoint>> {
        let mut all = self.read(|endpoints| endpoints.listed.clone());
        all.push(Arc::clone(&self.no_route));
        all.push(Arc::clone(&self.over_bound));
        all
    }

    /// The endpoint of a method and a route, if it is in the book.
    #[must_use]
    pub fn find(&self, method: &str, route: &str) -> Option<Arc<Endpoint>> {
        let named =
            |endpoint: &Arc<Endpoint>| endpoint.method() == method && **endpoint.route() == *route;
        self.all().into_iter().find(named)
    }

    /// The method and the route of the endpoint with this [id](Endpoint::id). An unknown id gets
    /// the names of the endpoint without a route.
    #[must_use]
    pub fn name(&self, id: u32) -> (&'static str, String) {
        let all = self.all();
        let found = all.iter().find(|endpoint| endpoint.id() == id);
        let endpoint = found.unwrap_or(&self.no_route);
        (endpoint.method(), endpoint.route().to_string())
    }

    fn add(&self, name: (&'static str, Arc<str>)) -> Arc<Endpoint> {
        let mut endpoints = self.endpoints.write();
        if let Some(known) = endpoints.by_name.get(&name) {
            return Arc::clone(known);
        }
        if endpoints.listed.len() >= self.endpoints_max {
            return Arc::clone(&self.over_bound);
        }
        // The ids 0 and 1 belong to the shared endpoints.
        let id = u32::try_from(endpoints.listed.len()).unwrap_or(u32::MAX - 2) + 2;
        let endpoint = Endpoint::new(id, name.0, Arc::clone(&name.1));
        let endpoint = Arc::new(endpoint.with_rule(rule_of(&self.rules, &name.1)));
        endpoints.listed.push(Arc::clone(&endpoint));
        endpoints.by_name.insert(name, Arc::clone(&endpoint));
        endpoint
    }

    fn read<T>(&self, read: impl FnOnce(&Endpoints) -> T) -> T {
        read(&self.endpoints.read())
    }
}

fn rule_of(rules: &[RouteRule], route: &str) -> Option<RouteRule> {
    let mut rules = rules.iter().rev();
    rules.find(|rule| rule.route == route).cloned()
}
