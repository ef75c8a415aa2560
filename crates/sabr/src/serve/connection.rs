use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::sync::Notify;
use tower_service::Service;

use super::linger::linger;
use super::streams::Streams;
use super::transport::{Tracked, Transport};
use crate::layer::{ResponseBody, ResponseFuture, SabrService};
use crate::request::Progress;

/// The HTTP settings, created once and shared by all connections.
#[derive(Clone, Debug)]
pub(super) struct Http {
    builder: Builder<Streams>,
    idle_timeout: Duration,
}

impl Http {
    pub(super) fn new(idle_timeout: Duration) -> Self {
        let mut builder = Builder::new(Streams {
            timeout: idle_timeout,
        });
        // Why keep-alive: a peer that vanished without closing its connection would hold it open
        // for ever.
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(idle_timeout)
            // The size of the socket's own send buffer is enough to keep it busy.
            .max_send_buf_size(64 * 1024)
            .enable_connect_protocol();
        // Why not hyper's timeout, but `idle_for`: hyper sets a timer for each request, does not
        // time out a connection that has not shown its version, and cuts off an answer that is
        // still being read.
        builder.http1().header_read_timeout(None);
        Self {
            builder,
            idle_timeout,
        }
    }

    /// Serves one connection to its end. `finish` asks it to end after the requests it has begun.
    pub(super) async fn serve<A>(
        mut self,
        stream: impl Transport + 'static,
        peer: Option<SocketAddr>,
        app: SabrService<A>,
        finish: Arc<Notify>,
    ) where
        A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
        A::Future: Send,
    {
        // A client that has finished sending still reads (RFC 9112, section 9.6).
        let half_close = tells_disconnects(&stream);
        self.builder.http1().half_close(half_close);
        let progress = Arc::new(Progress::default());
        let io = TokioIo::new(Tracked {
            stream: stream.clone(),
            progress: Arc::clone(&progress),
        });
        let peer_name = peer.map(tracing::field::display);
        let service = OfOneConnection {
            app,
            peer,
            progress: Arc::clone(&progress),
        };
        let mut connection = pin!(self.builder.serve_connection_with_upgrades(io, service));
        let mut finish = pin!(finish.notified());
        let mut finishing = false;
        let mut idle = pin!(idle_for(self.idle_timeout, &progress));
        let mut asked_to_leave = false;
        let mut disconnected = pin!(stream.disconnected(&progress));
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(peer = peer_name, error, "connection failed");
                    }
                    break;
                }
                () = &mut disconnected => {
                    tracing::debug!(peer = peer_name, "client disconnected");
                    return;
                }
                () = &mut finish, if !finishing => {
                    finishing = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = &mut idle => {
                    // An incomplete head keeps HTTP/1 from shutting down, and its time is over.
                    if asked_to_leave {
                        return;
                    }
                    tracing::debug!(peer = peer_name, "closing an idle connection");
                    asked_to_leave = true;
                    connection.as_mut().graceful_shutdown();
                    idle.set(idle_for(Duration::ZERO, &progress));
                }
            }
        }
        if progress.has_unread_body() && !finishing {
            tokio::select! {
                () = linger(&stream) => {}
                () = &mut finish => {}
            }
        }
    }
}

fn tells_disconnects<T: Transport>(_: &T) -> bool {
    T::TELLS_DISCONNECTS
}

/// Waits until there was no progress for `timeout`. Returns after 1 to 1.5 times that time.
async fn idle_for(timeout: Duration, progress: &Progress) {
    let (mut seen, mut quiet) = (0, 0);
    while quiet < 2 {
        tokio::time::sleep(timeout / 2).await;
        quiet = if progress.since(&mut seen) {
            0
        } else {
            quiet + 1
        };
    }
}

/// The app for one connection. Adds the address of the peer to each request.
struct OfOneConnection<A> {
    app: SabrService<A>,
    peer: Option<SocketAddr>,
    progress: Arc<Progress>,
}

impl<A> hyper::service::Service<http::Request<Incoming>> for OfOneConnection<A>
where
    A: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    type Response = http::Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture<A::Future>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        self.app.follow(request, Arc::clone(&self.progress))
    }
}
