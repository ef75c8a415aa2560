//! Accepts connections from a TCP listener, or from any other listener that axum accepts.

use std::any::Any;
use std::fmt::{self, Debug};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::Listener;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::transport::{Other, Tcp};

/// The pause after an error that does not go away at once, such as too many open files.
const BACKOFF: Duration = Duration::from_secs(1);

/// A connection that was accepted.
pub(super) struct Accepted {
    pub(super) stream: Accept,
    /// `None` if the listener's addresses are not socket addresses.
    pub(super) peer: Option<SocketAddr>,
}

/// The byte stream of a connection. Only TCP shows whether a client that finished sending still
/// reads.
pub(super) enum Accept {
    Tcp(Tcp),
    Other(Other),
}

/// The connections of a listener.
pub(super) struct Connections {
    /// The local address, for the log.
    address: io::Result<String>,
    accepted: BoxStream<'static, Accepted>,
}

impl Connections {
    pub(super) fn new<L>(listener: L) -> Self
    where
        L: Listener,
        L::Addr: Debug + 'static,
    {
        let address = listener.local_addr();
        let address = address.map(|address| match socket_address(&address) {
            Some(address) => address.to_string(),
            None => format!("{address:?}"),
        });
        // Why a stream: dropping the future of `accept` would abort what it has begun, such as a
        // TLS handshake. A stream keeps it until the next poll.
        let mut listener = Some(listener);
        let tcp = (&mut listener as &mut dyn Any).downcast_mut::<Option<TcpListener>>();
        let accepted = if let Some(tcp) = tcp.and_then(Option::take) {
            stream::unfold(tcp, async |tcp| Some((accept_tcp(&tcp).await, tcp))).boxed()
        } else {
            stream::unfold(listener, async |mut listener| {
                let (stream, peer) = listener.as_mut()?.accept().await;
                let peer = socket_address(&peer).copied();
                let stream = Accept::Other(Other::new(stream));
                Some((Accepted { stream, peer }, listener))
            })
            .boxed()
        };
        Self { address, accepted }
    }

    pub(super) fn address(&mut self) -> io::Result<String> {
        std::mem::replace(&mut self.address, Ok(String::new()))
    }

    /// The next connection. Dropping the future loses no connection.
    pub(super) async fn next(&mut self) -> Accepted {
        match self.accepted.next().await {
            Some(accepted) => accepted,
            None => std::future::pending().await,
        }
    }
}

impl Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn socket_address(address: &(impl Debug + 'static)) -> Option<&SocketAddr> {
    (address as &dyn Any).downcast_ref()
}

/// Accepts a connection. After an error it tries again.
async fn accept_tcp(listener: &TcpListener) -> Accepted {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = TcpStream::set_nodelay(&stream, true) {
                    tracing::debug!(%error, %peer, "cannot set TCP_NODELAY");
                }
                let stream = Accept::Tcp(Tcp::new(stream));
                let peer = Some(peer);
                return Accepted { stream, peer };
            }
            Err(error) if is_of_one_connection(&error) => {
                tracing::debug!(%error, "a client disconnected before its connection was accepted");
            }
            Err(error) => {
                tracing::error!(%error, "cannot accept connections; trying again in {BACKOFF:?}");
                sleep(BACKOFF).await;
            }
        }
    }
}

/// Whether the error is about one connection only, so that the next `accept` may succeed at once
/// (accept(2), "Error handling").
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_of_the_listener_cause_a_pause() {
        let check = |kind: ErrorKind, expected| {
            assert_eq!(
                is_of_one_connection(&io::Error::from(kind)),
                expected,
                "{kind:?}"
            );
        };
        check(ErrorKind::ConnectionAborted, true);
        check(ErrorKind::ConnectionReset, true);
        check(ErrorKind::OutOfMemory, false);
        check(ErrorKind::Other, false);
    }
}
