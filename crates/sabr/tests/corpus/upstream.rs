//! A slow upstream service, over HTTP and over UDP.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use crate::work::{ms, nap};

/// The time that it takes to answer.
const ANSWERS_AFTER: Duration = ms(5);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: upstream\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\ndone";

#[derive(Clone, Copy)]
pub(crate) struct Upstream {
    http: SocketAddr,
    names: SocketAddr,
}

impl Upstream {
    /// Starts the service on the runtime of the clients. It ends with the runtime.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let this = Self {
            http: listener.local_addr().unwrap(),
            names: socket.local_addr().unwrap(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream));
            }
        });
        tokio::spawn(async move {
            let mut query = [0; 512];
            while let Ok((length, client)) = socket.recv_from(&mut query).await {
                nap(ANSWERS_AFTER).await;
                let _ = socket.send_to(&query[..length], client).await;
            }
        });
        this
    }

    /// No service, for a test that only lists the cases.
    pub(crate) fn nowhere() -> Self {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        Self {
            http: nowhere,
            names: nowhere,
        }
    }

    /// Sends a request like an async client.
    pub(crate) async fn get(self) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.http).await?;
        stream.write_all(REQUEST).await?;
        let mut response = String::new();
        stream.read_to_string(&mut response).await?;
        Ok(response)
    }

    /// Sends a request like a blocking client.
    pub(crate) fn get_blocking(self) -> io::Result<String> {
        let mut stream = std::net::TcpStream::connect(self.http)?;
        stream.write_all(REQUEST)?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        Ok(response)
    }

    /// Resolves a name like `getaddrinfo`: sends a datagram, and blocks until the answer arrives.
    pub(crate) fn resolve_blocking(self) -> io::Result<usize> {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
        socket.send_to(b"example.org", self.names)?;
        socket.recv(&mut [0; 512])
    }
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    nap(ANSWERS_AFTER).await;
    stream.write_all(RESPONSE).await?;
    stream.shutdown().await
}
