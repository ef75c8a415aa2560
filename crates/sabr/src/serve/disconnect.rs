//! Detects that a client has disconnected, as opposed to having finished sending.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::request::Progress;

/// An interim response, which every client must skip (RFC 9110, section 15.2).
const PROBE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The client is probed if the head of the answer takes longer than this after the client finished
/// sending.
const PROBE_AFTER: Duration = Duration::from_millis(100);

/// The pause before the next probe.
const PROBE_EVERY: Duration = Duration::from_secs(10);

/// Waits until the client has disconnected.
///
/// TCP shows that a client has finished sending, but not whether it still reads. So the request
/// goes on, and the client is probed: a closed socket answers the probe with a reset. Where no
/// interim response may be written, TCP keep-alive detects the reset within about a minute, and so
/// does the next write of the answer.
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

/// Waits until the client has finished sending (`true`) or has reset the connection (`false`).
async fn finished_sending(stream: &TcpStream) -> bool {
    // Why not `READABLE`: it stays ready while unread bytes wait in the socket. `PRIORITY` also
    // becomes ready when the peer has finished sending. Its other cause is urgent data, which is
    // not registered for.
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
    // An error here means that the runtime is shutting down.
    let _ = stream.ready(Interest::ERROR).await;
}

/// Returns if a probe cannot be written completely.
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
