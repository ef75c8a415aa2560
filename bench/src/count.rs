//! Does one thing a given number of times. `bench/instructions.py` counts the instructions.

use std::convert::Infallible;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use sabr::Sabr;
use sabr_sqlite::{Database, Error, Migration};
use tower_layer::Layer;
use tower_service::Service;

/// What to count.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum What {
    /// Requests through a router without Sabr
    BareRequest,
    /// The same, with Sabr's layer around the router
    LedgerRequest,
    /// Polls of one request without Sabr
    BarePoll,
    /// The same, with Sabr's layer around the router
    LedgerPoll,
    /// Writes of one row to a database in memory, one after the other
    SqliteWrite,
}

pub(crate) async fn run(what: What, times: usize) {
    let polls = match what {
        What::BarePoll | What::LedgerPoll => times,
        _ => 1,
    };
    let app = Router::new()
        .route("/", get(|| async { "ok" }))
        .route("/pending", get(move || pending(polls)))
        .with_state(());
    let sabr = Sabr::default();
    match what {
        What::BareRequest => requests(&app, "/", times),
        What::LedgerRequest => requests(&sabr.layer().layer(app), "/", times),
        What::BarePoll => requests(&app, "/pending", 1),
        What::LedgerPoll => requests(&sabr.layer().layer(app), "/pending", 1),
        What::SqliteWrite => writes(times).await.expect("the database works"),
    }
}

/// Is ready at the poll with this number.
async fn pending(polls: usize) -> &'static str {
    let mut left = polls;
    poll_fn(|_| {
        left -= 1;
        match left {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
    "ok"
}

fn requests<S, B>(app: &S, path: &str, times: usize)
where
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone,
    B: HttpBody + Unpin,
{
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..times {
        let request = Request::get(path).body(Body::empty()).unwrap_or_default();
        let mut app = app.clone();
        let mut future = pin!(app.call(request));
        let mut response = loop {
            if let Poll::Ready(Ok(response)) = future.as_mut().poll(&mut cx) {
                break response;
            }
        };
        let _ = black_box(Pin::new(response.body_mut()).poll_frame(&mut cx));
        black_box(response);
    }
}

async fn writes(times: usize) -> Result<(), Error> {
    const TABLE: &[Migration] = &[Migration::new(
        "0001_notes",
        "CREATE TABLE notes (text TEXT NOT NULL) STRICT",
    )];
    let db = Database::in_memory().migrations(TABLE).open()?;
    for _ in 0..times {
        db.write(|tx| {
            tx.prepare_cached("INSERT INTO notes VALUES (?1)")?
                .execute(["patience"])?;
            Ok::<_, Error>(())
        })
        .await?;
    }
    db.close().await
}
