use crate::thresholds::Thresholds;
use crate::verdict::VerdictKind;

/// What the program says about one route, for all of its methods. Given to
/// [`Book::with_rules`](crate::Book::with_rules).
///
/// ```
/// use sabr_ledger::{RouteRule, VerdictKind};
///
/// let health = RouteRule::new("/healthz").leave_out();
/// let report = RouteRule::new("/report")
///     .accept(VerdictKind::ComputesOnEventLoop, "one person asks for it once a day");
/// ```
#[derive(Clone, Debug)]
pub struct RouteRule {
    pub(crate) route: String,
    pub(crate) left_out: bool,
    pub(crate) thresholds: Option<Thresholds>,
    pub(crate) accepted: Vec<(VerdictKind, String)>,
}

impl RouteRule {
    /// A rule for the route as the router has it (`/todos/{id}`), which changes nothing yet.
    #[must_use]
    pub fn new(route: impl Into<String>) -> Self {
        Self {
            route: route.into(),
            left_out: false,
            thresholds: None,
            accepted: Vec::new(),
        }
    }

    /// Does not count its requests. The watchdog still names its stalls.
    #[must_use]
    pub fn leave_out(mut self) -> Self {
        self.left_out = true;
        self
    }

    /// Judges it by these limits.
    #[must_use]
    pub fn thresholds(mut self, thresholds: Thresholds) -> Self {
        self.thresholds = Some(thresholds);
        self
    }

    /// Accepts this verdict, for this reason. It is then shown as good, without advice and with the
    /// reason. Any other verdict on the route is shown as usual.
    #[must_use]
    pub fn accept(mut self, verdict: VerdictKind, reason: impl Into<String>) -> Self {
        self.accepted.push((verdict, reason.into()));
        self
    }
}
