//! A closed loop of requests: each connection sends its next request when its last one was
//! answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The measurements of one turn of load.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// Answers a second.
    pub(crate) rate: f64,
    /// The median time from request to answer.
    pub(crate) p50: Duration,
    /// The 99th percentile of the time from request to answer.
    pub(crate) p99: Duration,
}

/// Sends `request` repeatedly for `time`, on this many connections at once.
///
/// # Panics
///
/// If the status of an answer is not 2xx, because the rate of errors is not the rate to measure.
pub(crate) async fn run(address: &str, request: &str, connections: usize, time: Duration) -> Turn {
    let request: Arc<str> = request.into();
    let begun = Instant::now();
    let senders: Vec<_> = (0..connections)
        .map(|_| {
            let (address, request) = (address.to_owned(), Arc::clone(&request));
            tokio::spawn(async move { send(&address, request.as_bytes(), begun, time).await })
        })
        .collect();
    let mut times = Vec::new();
    for sender in senders {
        times.extend(sender.await.expect("a sender ends in order"));
    }
    let elapsed = begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let percentile = |percent: usize| times[(times.len() - 1) * percent / 100];
    Turn {
        rate: times.len() as f64 / elapsed,
        p50: percentile(50),
        p99: percentile(99),
    }
}

async fn send(address: &str, request: &[u8], begun: Instant, time: Duration) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.expect("the peer listens");
    stream.set_nodelay(true).expect("TCP_NODELAY can be set");
    let mut buffer = Vec::with_capacity(16 << 10);
    let mut times = Vec::new();
    while begun.elapsed() < time {
        let sent = Instant::now();
        stream.write_all(request).await.expect("the peer reads");
        answer(&mut stream, &mut buffer).await;
        times.push(sent.elapsed());
    }
    times
}

/// Reads one answer with a `Content-Length` to its end.
pub(crate) async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.expect("the peer answers");
        assert!(read > 0, "the peer closed the connection");
        let Some(head) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            continue;
        };
        let text = String::from_utf8_lossy(&buffer[..head]);
        assert!(text.starts_with("HTTP/1.1 2"), "{text}");
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().expect("a length is a number"))
        });
        let end = head + 4 + length.expect("the peer names the length");
        while buffer.len() < end {
            let read = stream.read_buf(buffer).await.expect("the peer answers");
            assert!(read > 0, "the peer closed the connection");
        }
        return;
    }
}
