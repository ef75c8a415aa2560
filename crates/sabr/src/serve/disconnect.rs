//! Notices that a client has disconnected, and tells it from one that has only finished sending.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::Progress;

/// An interim response that every client has to skip (RFC 9110, section 15.2).
const PROBE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// How long an answer may take after the client has finished sending before the client is probed.
const PROBE_AFTER: Duration = Duration::from_millis(100);

/// How long until a client that survived a probe is probed again.
const PROBE_EVERY: Duration = Duration::from_secs(10);

/// How long a peer may be silent while what it sent is discarded.
const LINGER_QUIET: Duration = Duration::from_secs(2);

/// How long what a peer sends is discarded at most.
const LINGER_TOTAL: Duration = Duration::from_secs(30);

/// Waits until the client has disconnected.
///
/// TCP shows the end of what a client sends, but not whether the client still reads. So a request in
/// flight goes on, and the client is probed: a socket that is closed on the other side answers the
/// probe with a reset. Where no interim response may be written, TCP keep-alive finds out in a
/// minute or so, and the next write of the answer does too.
pub(super) async fn disconnected(stream: &TcpStream, progress: &Progress) {
    if finished_sending(stream).await {
        let probes = TcpKeepalive::new()
            .with_time(PROBE_EVERY)
            .with_interval(PROBE_EVERY);
        if let Err(error) = SockRef::from(stream).set_tcp_keepalive(&probes) {
            tracing::debug!(%error, "cannot set TCP keep-alive");
        }
        tokio::select! {
            () = reset(stream) => {}
            () = probe(stream, progress) => {}
        }
    }
}

/// Waits until the client has finished sending, which is true, or has reset the connection.
async fn finished_sending(stream: &TcpStream) -> bool {
    // Why: `READABLE` would be ready as long as unread bytes wait in the socket. `PRIORITY` is ready
    // when the peer has finished sending, too, and otherwise only for urgent data, which is not
    // registered for.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let interest = Interest::PRIORITY | Interest::ERROR;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let interest = Interest::ERROR;
    match stream.ready(interest).await {
        Ok(ready) => !ready.is_error(),
        Err(_) => false,
    }
}

async fn reset(stream: &TcpStream) {
    // An error says that the runtime is shutting down.
    let _ = stream.ready(Interest::ERROR).await;
}

/// Returns if a probe can't be written whole.
async fn probe(stream: &TcpStream, progress: &Progress) {
    let mut wait = PROBE_AFTER;
    loop {
        sleep(wait).await;
        if progress.takes_interim_response() {
            match stream.try_write(PROBE) {
                Ok(written) if written == PROBE.len() => wait = PROBE_EVERY,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                _ => return,
            }
        }
    }
}

/// Discards what the client still sends, until it has read the answer and closes, within limits.
///
/// Why: closing a socket with unread bytes resets the connection, and the reset destroys the answer
/// on its way (RFC 9112, section 9.6).
pub(super) async fn linger(stream: &TcpStream) {
    let discard = async {
        let mut scratch = vec![0; 16 * 1024];
        loop {
            let readable = tokio::time::timeout(LINGER_QUIET, stream.readable()).await;
            let Ok(Ok(())) = readable else { return };
            match stream.try_read(&mut scratch) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    let _ = tokio::time::timeout(LINGER_TOTAL, discard).await;
}
