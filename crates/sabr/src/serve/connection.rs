use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tower_service::Service;

use crate::layer::SabrService;

/// How HTTP is spoken, made once and shared by all connections.
#[derive(Clone, Debug)]
pub(super) struct Http {
    builder: Builder<TokioExecutor>,
    header_read_timeout: Duration,
}

impl Http {
    pub(super) fn new(header_read_timeout: Duration) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(header_read_timeout);
        // A peer that vanished without a word would hold an HTTP/2 connection open for ever.
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(header_read_timeout)
            .enable_connect_protocol();
        Self {
            builder,
            header_read_timeout,
        }
    }

    /// Serves one connection to its end. `finish` asks it to end after the requests it has begun.
    pub(super) async fn serve<A>(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        app: SabrService<A>,
        finish: Arc<Notify>,
    ) where
        A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
        A::Future: Send,
    {
        let asked = Arc::new(AtomicBool::new(false));
        let service = OfOneConnection {
            app,
            peer,
            asked: Arc::clone(&asked),
        };
        let io = TokioIo::new(stream);
        let service = TowerToHyperService::new(service);
        let mut connection = pin!(self.builder.serve_connection_with_upgrades(io, service));
        let mut finish = pin!(finish.notified());
        let mut finishing = false;
        // The timeout of hyper begins with HTTP/1; this one is there before the version is known.
        let mut first_head = pin!(tokio::time::sleep(self.header_read_timeout));
        let mut first_head_due = true;
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, error, "connection failed");
                    }
                    return;
                }
                () = &mut finish, if !finishing => {
                    finishing = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = &mut first_head, if first_head_due => {
                    if !asked.load(Ordering::Relaxed) {
                        tracing::debug!(%peer, "connection closed: it sent no request in time");
                        return;
                    }
                    first_head_due = false;
                }
            }
        }
    }
}

/// The app as one connection sees it: requests carry the address of the peer.
#[derive(Clone)]
struct OfOneConnection<A> {
    app: SabrService<A>,
    peer: SocketAddr,
    /// Whether a request has come. A flag and nothing more: it orders no other memory.
    asked: Arc<AtomicBool>,
}

impl<A> Service<http::Request<Incoming>> for OfOneConnection<A>
where
    SabrService<A>: Service<Request>,
{
    type Response = <SabrService<A> as Service<Request>>::Response;
    type Error = <SabrService<A> as Service<Request>>::Error;
    type Future = <SabrService<A> as Service<Request>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.app.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Incoming>) -> Self::Future {
        self.asked.store(true, Ordering::Relaxed);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.app.call(request)
    }
}
