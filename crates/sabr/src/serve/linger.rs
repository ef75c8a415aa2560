//! Reads what a client still sends after it was answered.

use std::time::Duration;

use super::transport::Transport;

/// Discarding ends when the peer is silent for this long.
const LINGER_QUIET: Duration = Duration::from_secs(2);

/// Discarding ends after this long in any case.
const LINGER_TOTAL: Duration = Duration::from_secs(30);

/// Discards what the client still sends, within limits, until it has read the answer and closed.
///
/// Why: closing a socket with unread bytes resets the connection, and the reset destroys an answer
/// in flight (RFC 9112, section 9.6).
pub(super) async fn linger(stream: &impl Transport) {
    let discard = async {
        let mut scratch = vec![0; 16 * 1024];
        loop {
            let read = tokio::time::timeout(LINGER_QUIET, stream.read_rest(&mut scratch)).await;
            if !matches!(read, Ok(Ok(1..))) {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(LINGER_TOTAL, discard).await;
}
