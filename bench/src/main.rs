//! Load runs against real peers, one command each. `README.md` beside this crate describes them and
//! has the results.

mod count;
mod load;
mod peer;
mod reads;
mod rounds;
mod start;
mod tasks;
mod wal;
mod writes;

use clap::Parser;

/// Runs a measurement, and prints ratios of what was measured in this one run.
#[derive(Debug, Parser)]
enum Command {
    /// Durable POST /todos: group commit, against a commit each, against memory
    Writes(Load),
    /// GET /todos/{id}, against an axum handler that answers a constant of the same size
    Reads(Load),
    /// The length of the WAL while clients write and read, with one service and with two on one
    /// file
    Wal {
        /// How many operations, half of them writes
        #[arg(long, default_value_t = 20_000)]
        operations: usize,
    },
    /// Start-up time and idle memory
    Start {
        /// How often to start it
        #[arg(long, default_value_t = 20)]
        times: u32,
    },
    /// An answer with one background task and one without, with Sabr and with FastAPI (needs
    /// `pip install fastapi uvicorn`)
    Tasks(Load),
    /// Does one thing many times: the work that `bench/instructions.py` counts
    #[command(hide = true)]
    Count {
        /// What to do
        what: count::What,
        /// How often
        times: usize,
    },
    /// Serves what `tasks` asks for
    #[command(hide = true)]
    TasksServer,
    /// Serves a constant: the peer of `reads`
    #[command(hide = true)]
    Constant {
        /// How many bytes the constant has
        size: usize,
    },
}

/// How much load, and how often.
#[derive(Clone, Debug, clap::Args)]
struct Load {
    /// How many connections send requests, each the next when the last is answered
    #[arg(long, default_value_t = 256)]
    connections: usize,
    /// How often the peers take turns
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many seconds a turn takes
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// What the service logs meanwhile
    #[arg(long, default_value = "info")]
    log_level: String,
}

#[tokio::main]
async fn main() {
    match Command::parse() {
        Command::Writes(load) => writes::run(load).await,
        Command::Reads(load) => reads::run(load).await,
        Command::Wal { operations } => wal::run(operations).await,
        Command::Start { times } => start::run(times).await,
        Command::Tasks(load) => tasks::run(load).await,
        Command::Count { what, times } => count::run(what, times).await,
        Command::TasksServer => tasks::serve().await,
        Command::Constant { size } => peer::serve_constant(size).await,
    }
}
