//! The time from the beginning of a stall to its report.
//!
//! In `cargo bench -p sabr --bench stalls --features stacks`, an async handler sleeps on its thread
//! until the watchdog has reported the stall. This is repeated ten times. Without the feature, and
//! on platforms without stacks, there is no second figure.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use sabr::Sabr;
use sabr::ledger::Ledger;
use sabr::ledger::snapshot::StallSnapshot;
use tower::ServiceExt;

const STALLS: usize = 10;
/// A stack that has not been reported after this time will not be reported.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    println!("milliseconds from the beginning of a stall until it is    seen   named by its line");
    for stall in 1..=STALLS {
        // A new `Sabr` for each stall, so that its list of stalls is empty.
        let (seen, named) = runtime.block_on(stall_once());
        let named = named.map_or("–".to_owned(), |named| format!("{named:.0}"));
        println!("{stall:>52}.  {seen:>6.0}  {named:>18}");
    }
    Ok(())
}

async fn stall_once() -> (f64, Option<f64>) {
    let sabr = Sabr::default();
    let (ledger, (say, said)) = (sabr.ledger(), std::sync::mpsc::channel());
    let handler = move || async move {
        let _ = say.send(sleep_until_seen(&ledger));
    };
    let app: Router = Router::new().route("/", get(handler)).layer(sabr.layer());
    let Ok(response) = app.oneshot(Request::new(Body::empty())).await;
    drop(response);
    said.recv().unwrap_or_default()
}

fn sleep_until_seen(ledger: &Ledger) -> (f64, Option<f64>) {
    let began = Instant::now();
    let elapsed = || began.elapsed().as_secs_f64() * 1e3;
    let until = |is_so: fn(&StallSnapshot) -> bool| {
        while !ledger.snapshot().stalls.first().is_some_and(is_so) {
            if began.elapsed() > PATIENCE {
                return None;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Some(elapsed())
    };
    let seen = until(|_| true).unwrap_or(f64::NAN);
    (seen, until(|stall| !stall.stack.is_empty()))
}
