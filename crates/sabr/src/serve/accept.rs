use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

/// How long to leave the listener alone after an error that will not go away at once, such as too
/// many open files.
const BACKOFF: Duration = Duration::from_secs(1);

/// A listener that outlives the errors of `accept`.
#[derive(Debug)]
pub(super) struct Acceptor {
    listener: TcpListener,
    resume_at: Option<Instant>,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener) -> Self {
        let resume_at = None;
        Self {
            listener,
            resume_at,
        }
    }

    /// The next connection. Dropping the future loses neither a connection nor the rest of a pause.
    pub(super) async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            if let Some(at) = self.resume_at {
                sleep_until(at).await;
                self.resume_at = None;
            }
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, %peer, "cannot set TCP_NODELAY");
                    }
                    return (stream, peer);
                }
                Err(error) if is_of_one_connection(&error) => {
                    tracing::debug!(%error, "a connection was gone before it was accepted");
                }
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections; trying again in {BACKOFF:?}");
                    self.resume_at = Some(Instant::now() + BACKOFF);
                }
            }
        }
    }
}

/// Such an error says nothing about the next connection (accept(2), "Error handling").
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
