//! One handler, how it is called, and the verdicts that are right for it.

use std::time::Duration;

use axum::Router;
use axum::http::Method;
use axum::routing::MethodRouter;
use bytes::Bytes;
use sabr::Builder;
use sabr::ledger::VerdictKind;

/// The verdicts of which one has to be given.
pub(crate) type Expected = &'static [VerdictKind];

pub(crate) const ASYNC_FITS: Expected = &[VerdictKind::AsyncFits];
pub(crate) const BLOCKS: Expected = &[VerdictKind::BlocksEventLoop];
pub(crate) const COMPUTES: Expected = &[VerdictKind::ComputesOnEventLoop];
pub(crate) const NEVER_WAITS: Expected = &[VerdictKind::NeverWaits];
pub(crate) const WAITS_IN_THREAD: Expected = &[VerdictKind::WaitsInThread];
pub(crate) const SYNC_FITS: Expected = &[VerdictKind::SyncFits];
pub(crate) const COULD_OVERLAP: Expected = &[VerdictKind::CouldOverlap];
pub(crate) const TOO_EARLY: Expected = &[VerdictKind::TooEarly];

/// For handlers that could as well be a plain `fn`, and that are no worse as an `async fn`.
pub(crate) const ASYNC_OR_NEVER: Expected = &[VerdictKind::AsyncFits, VerdictKind::NeverWaits];

/// For requests of which every one is refused or fails before it could wait.
pub(crate) const NO_SUCCESS: Expected = &[VerdictKind::TooEarly, VerdictKind::NeverWaits];

/// The body of each request.
#[derive(Clone, Copy)]
pub(crate) enum Payload {
    Empty,
    Whole(fn() -> Bytes),
    /// The same piece several times, with a pause before each.
    Pieces {
        piece: fn() -> Bytes,
        count: usize,
        pause: Duration,
    },
}

/// When the client disconnects.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Leaving {
    Never,
    /// This long after it has sent its request.
    After(Duration),
    /// When it has the head and the first frame of the response.
    InBody,
}

/// Who passes requests to the router.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Server {
    /// `Sabr::serve`.
    Sabr,
    /// `axum::serve`, with `Sabr::layer` around the routes.
    Axum,
}

/// How a handler is called.
#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) payload: Payload,
    pub(crate) at_once: usize,
    /// The number of requests, if it is not that of the run.
    pub(crate) exactly: Option<usize>,
    pub(crate) leaving: Leaving,
    pub(crate) http2: bool,
    /// How long the client waits before it reads each frame of the response.
    pub(crate) reading_pause: Duration,
}

impl Calls {
    fn get(path: &'static str) -> Self {
        Self {
            method: Method::GET,
            path,
            content_type: "application/octet-stream",
            payload: Payload::Empty,
            at_once: 4,
            exactly: None,
            leaving: Leaving::Never,
            http2: false,
            reading_pause: Duration::ZERO,
        }
    }
}

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) expected: Expected,
    /// Why these verdicts are right.
    pub(crate) why: &'static str,
    pub(crate) app: Box<dyn Fn() -> Router + Send + Sync>,
    /// The method and the route of the endpoint in the ledger.
    pub(crate) endpoint: (&'static str, &'static str),
    pub(crate) calls: Calls,
    /// A path that is called all the time beside this endpoint.
    pub(crate) neighbour: Option<&'static str>,
    pub(crate) settings: fn(Builder) -> Builder,
    pub(crate) server: Server,
}

/// A handler of the route `/`.
pub(crate) fn handler(
    name: &'static str,
    expected: Expected,
    why: &'static str,
    handler: fn() -> MethodRouter,
) -> Case {
    let app = Box::new(move || Router::new().route("/", handler()));
    Case {
        name,
        expected,
        why,
        app,
        endpoint: ("GET", "/"),
        calls: Calls::get("/"),
        neighbour: None,
        settings: |builder| builder,
        server: Server::Sabr,
    }
}

/// A whole router, of which the endpoint `GET route` is judged and `path` is called.
pub(crate) fn router(
    name: &'static str,
    expected: Expected,
    why: &'static str,
    (route, path): (&'static str, &'static str),
    app: fn() -> Router,
) -> Case {
    Case {
        app: Box::new(app),
        endpoint: ("GET", route),
        calls: Calls::get(path),
        ..handler(name, expected, why, MethodRouter::new)
    }
}

impl Case {
    pub(crate) fn method(mut self, method: Method) -> Self {
        self.endpoint.0 = match method.as_str() {
            "POST" => "POST",
            "PUT" => "PUT",
            "DELETE" => "DELETE",
            "HEAD" => "HEAD",
            _ => "GET",
        };
        self.calls.method = method;
        self
    }

    /// For requests without a route, which share an endpoint whatever their method is.
    pub(crate) fn shared(mut self) -> Self {
        self.endpoint.0 = "ANY";
        self
    }

    pub(crate) fn post(mut self, content_type: &'static str, body: fn() -> Bytes) -> Self {
        self.calls.content_type = content_type;
        self.calls.payload = Payload::Whole(body);
        self.method(Method::POST)
    }

    /// A body in ten pieces, with a millisecond before each.
    pub(crate) fn post_in_pieces(
        mut self,
        content_type: &'static str,
        piece: fn() -> Bytes,
    ) -> Self {
        self.calls.content_type = content_type;
        let pause = Duration::from_millis(1);
        self.calls.payload = Payload::Pieces {
            piece,
            count: 10,
            pause,
        };
        self.method(Method::POST)
    }

    pub(crate) fn at_once(mut self, requests: usize) -> Self {
        self.calls.at_once = requests;
        self
    }

    pub(crate) fn exactly(mut self, requests: usize) -> Self {
        self.calls.exactly = Some(requests);
        self
    }

    pub(crate) fn leaving(mut self, leaving: Leaving) -> Self {
        self.calls.leaving = leaving;
        self
    }

    pub(crate) fn http2(mut self) -> Self {
        self.calls.http2 = true;
        self
    }

    pub(crate) fn read_slowly(mut self, pause: Duration) -> Self {
        self.calls.reading_pause = pause;
        self
    }

    pub(crate) fn beside(mut self, path: &'static str) -> Self {
        self.neighbour = Some(path);
        self
    }

    pub(crate) fn settings(mut self, settings: fn(Builder) -> Builder) -> Self {
        self.settings = settings;
        self
    }

    pub(crate) fn served_by_axum(mut self) -> Self {
        self.server = Server::Axum;
        self
    }
}
