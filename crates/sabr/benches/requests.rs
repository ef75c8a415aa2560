//! The cost of an endpoint and of a background task, compared with bare axum.
//!
//! `cargo bench -p sabr --bench requests` starts one server for each variant, on one thread.
//! Another thread sends requests to the servers in turn, over real sockets. Each round measures all
//! variants, so that other load on the machine affects all of them alike. A ratio is the median of
//! the ratios of the rounds. On Linux, the CPU time of the server for each request is shown too. On
//! a busy machine it is the figure to trust.
//!
//! `ROUNDS` (21), `ROUND_MS` (300) and `CONNECTIONS` (32) change the run. `PROFILE=sync` is for a
//! profiler: it runs the variant with this name, or else all whose name contains the word, without
//! ratios.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

use axum::Router;
use axum::routing::get;
use sabr::{BackgroundTasks, Overloaded, PoolKind, Sabr, sync};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n";

fn noop() -> &'static str {
    "ok"
}

async fn noop_async() -> &'static str {
    "ok"
}

async fn noop_spawn_blocking() -> &'static str {
    tokio::task::spawn_blocking(noop).await.unwrap_or("failed")
}

async fn one_task(tasks: BackgroundTasks) -> Result<&'static str, Overloaded> {
    tasks.add(async {})?;
    Ok("ok")
}

async fn one_sync_task(tasks: BackgroundTasks) -> Result<&'static str, Overloaded> {
    tasks.add_sync(|| ())?;
    Ok("ok")
}

struct Variant {
    name: &'static str,
    address: SocketAddr,
    rounds: Vec<Round>,
}

#[derive(Clone, Copy)]
struct Round {
    requests_per_second: f64,
    requests_per_cpu_second: f64,
}

fn main() -> std::io::Result<()> {
    let (server, client) = (one_thread("server")?, one_thread("client")?);
    let sabr = Sabr::builder().threads(PoolKind::Endpoint, 40).build();
    let mut variants = vec![
        bare(
            &server,
            "axum: async fn",
            Router::new().route("/", get(noop_async)),
        )?,
        bare(
            &server,
            "axum: spawn_blocking",
            Router::new().route("/", get(noop_spawn_blocking)),
        )?,
        with(
            &server,
            "sabr: async fn",
            &sabr,
            Router::new().route("/", get(noop_async)),
        )?,
        with(
            &server,
            "sabr: sync(fn), promoted",
            &sabr,
            Router::new().route("/", get(sync(noop))),
        )?,
        with(
            &server,
            "sabr: sync(fn).pooled()",
            &sabr,
            Router::new().route("/", get(sync(noop).pooled())),
        )?,
        with(
            &server,
            "sabr: async fn + task",
            &sabr,
            Router::new().route("/", get(one_task)),
        )?,
        with(
            &server,
            "sabr: async fn + sync task",
            &sabr,
            Router::new().route("/", get(one_sync_task)),
        )?,
    ];
    let profiled = env::var("PROFILE");
    if let Ok(word) = &profiled {
        let is_one = variants.iter().any(|variant| variant.name == word);
        variants.retain(|variant| variant.name == word || !is_one && variant.name.contains(word));
    }
    let (rounds, round_ms) = (setting("ROUNDS", 21), setting("ROUND_MS", 300));
    for round in 0..=rounds {
        for variant in &mut variants {
            let round_of =
                client.block_on(load(variant.address, Duration::from_millis(round_ms)))?;
            // The first round is not counted: it warms up, and promotes the endpoints.
            if round > 0 {
                variant.rounds.push(round_of);
            }
        }
    }
    if profiled.is_err() {
        report(&variants, &sabr);
    }
    Ok(())
}

fn report(variants: &[Variant], sabr: &Sabr) {
    let head = [
        "requests/s",
        "/ axum",
        "/ sabr",
        "CPU µs",
        "/ axum",
        "/ sabr",
    ];
    println!(
        "{:<28} {}",
        "",
        head.map(|title| format!("{title:>11}")).join("")
    );
    let wall = |round: &Round| round.requests_per_second;
    let cpu = |round: &Round| round.requests_per_cpu_second;
    for variant in variants {
        let (axum, sabr) = (&variants[0], &variants[2]);
        let figures = [
            median(variant.rounds.iter().map(wall).collect()).round(),
            ratio(variant, axum, wall),
            ratio(variant, sabr, wall),
            1e6 / median(variant.rounds.iter().map(cpu).collect()),
            ratio(variant, axum, cpu),
            ratio(variant, sabr, cpu),
        ];
        println!(
            "{:<28} {}",
            variant.name,
            figures.map(|figure| format!("{figure:>11.3}")).join("")
        );
    }
    for endpoint in sabr.endpoints() {
        println!("{endpoint:?}");
    }
    println!("{:?}", sabr.task_stats());
}

fn ratio(of: &Variant, to: &Variant, figure: impl Fn(&Round) -> f64) -> f64 {
    let rounds = of.rounds.iter().zip(&to.rounds);
    median(rounds.map(|(of, to)| figure(of) / figure(to)).collect())
}

/// The CPU time in seconds of all threads except the client's (`/proc/self/task/*/schedstat`).
fn server_cpu() -> f64 {
    let threads = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let of_thread = |thread: fs::DirEntry| {
        let name = fs::read_to_string(thread.path().join("comm")).ok()?;
        let stat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let on_cpu: f64 = stat.split(' ').next()?.parse().ok()?;
        (name.trim() != "client").then_some(on_cpu / 1e9)
    };
    threads.filter_map(of_thread).sum()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn setting(name: &str, default: u64) -> u64 {
    let value = env::var(name).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

fn one_thread(name: &str) -> std::io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(1)
        .thread_name(name)
        .enable_all()
        .build()
}

fn bare(server: &Runtime, name: &'static str, app: Router) -> std::io::Result<Variant> {
    let listener = server.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    server.spawn(async {
        axum::serve(
            axum::serve::ListenerExt::tap_io(listener, |tcp| drop(tcp.set_nodelay(true))),
            app,
        )
        .await
    });
    Ok(Variant {
        name,
        address,
        rounds: Vec::new(),
    })
}

fn with(
    server: &Runtime,
    name: &'static str,
    sabr: &Sabr,
    app: Router,
) -> std::io::Result<Variant> {
    let listener = server.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let serve = sabr
        .serve(listener, app)
        .with_shutdown(std::future::pending());
    server.spawn(async { serve.await });
    Ok(Variant {
        name,
        address,
        rounds: Vec::new(),
    })
}

/// Runs one round over keep-alive connections, each with one request in flight.
async fn load(address: SocketAddr, time: Duration) -> std::io::Result<Round> {
    let answered = Arc::new(AtomicU64::new(0));
    let mut connections = Vec::new();
    for _ in 0..setting("CONNECTIONS", 32) {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        connections.push(tokio::spawn(ask(stream, Arc::clone(&answered))));
    }
    let (began, cpu) = (Instant::now(), server_cpu());
    let before = answered.load(Ordering::Relaxed);
    tokio::time::sleep(time).await;
    let count = (answered.load(Ordering::Relaxed) - before) as f64;
    let round = Round {
        requests_per_second: count / began.elapsed().as_secs_f64(),
        requests_per_cpu_second: count / (server_cpu() - cpu),
    };
    connections.iter().for_each(|connection| connection.abort());
    Ok(round)
}

async fn ask(mut stream: TcpStream, answered: Arc<AtomicU64>) -> std::io::Result<Infallible> {
    let mut buffer = [0; 1024];
    stream.write_all(REQUEST).await?;
    // All answers have the same size, and each arrives in one read.
    let length = stream.read(&mut buffer).await?;
    loop {
        stream.write_all(REQUEST).await?;
        stream.read_exact(&mut buffer[..length]).await?;
        answered.fetch_add(1, Ordering::Relaxed);
    }
}
