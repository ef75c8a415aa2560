//! An endpoint for callers who know a token.
//!
//! ```text
//! $ TOKEN=s3cret cargo run -p sabr --example token
//! $ curl -H 'authorization: Bearer s3cret' -d hello localhost:8000/length
//! 5
//! ```

pub(crate) mod listen;

use std::env;
use std::io;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::routing::post;
use sabr::{Sabr, sync};

use self::listen::listen;

/// The token of the service.
#[derive(Clone)]
pub(crate) struct Token(pub(crate) String);

impl Token {
    /// Compares all bytes, so that the duration does not reveal how many of them were right.
    fn is(&self, sent: &[u8]) -> bool {
        let expected = self.0.as_bytes();
        let pairs = expected.iter().zip(sent);
        let differences = pairs.fold(0, |found, (a, b)| found | (a ^ b));
        expected.len() == sent.len() && differences == 0
    }
}

/// A caller who sent the token of the service.
struct Caller;

impl FromRequestParts<Token> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, token: &Token) -> Result<Self, StatusCode> {
        let sent = parts.headers.get(header::AUTHORIZATION);
        let sent = sent.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        match sent.is_some_and(|sent| token.is(sent)) {
            true => Ok(Self),
            false => Err(StatusCode::UNAUTHORIZED),
        }
    }
}

/// `Caller` comes before the body, so the body of a refused request is never read.
fn length(_: Caller, body: String) -> String {
    format!("{}\n", body.len())
}

pub(crate) fn app(token: Token) -> Router {
    Router::new()
        .route("/length", post(sync(length)))
        .with_state(token)
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let token = env::var("TOKEN").map_err(|_| io::Error::other("set TOKEN to a secret"))?;
    let listener = listen().await;
    println!("POST http://{}/length", listener.local_addr()?);
    let sabr = Sabr::default();
    sabr.serve(listener, app(Token(token))).await?;
    Ok(())
}
