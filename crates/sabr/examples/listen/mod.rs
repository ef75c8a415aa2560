//! The listener of the examples: on port 8000, or on the port of `--port`.

use std::env;
use std::io;
use std::process;

use tokio::net::TcpListener;

/// Listens on this machine. If that fails, ends the program with a message that says what to do.
pub(crate) async fn listen() -> TcpListener {
    let port = port().unwrap_or_else(|| fail("write --port and a number, such as --port 8001"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener.unwrap_or_else(|error| fail(&why(port, &error)))
}

/// The message for a port that cannot be used: the cause, and what to do.
pub(crate) fn why(port: u16, error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            let other = port.checked_add(1).unwrap_or(8001);
            format!("the address is in use; try --port {other}")
        }
        _ => error.to_string(),
    };
    format!("cannot listen on 127.0.0.1:{port}: {advice}")
}

/// The port of the arguments, or the default. `None` if the arguments are wrong.
fn port() -> Option<u16> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match &*arguments {
        [] => Some(8000),
        [name, port] if name == "--port" => port.parse().ok(),
        [both] => both.strip_prefix("--port=")?.parse().ok(),
        _ => None,
    }
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    process::exit(1)
}
