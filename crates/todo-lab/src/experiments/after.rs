//! A login that sends a mail and writes a log line: first before its response, and then in
//! background tasks after it.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use sabr::{BackgroundTasks, Overloaded, Sabr};
use todo_sqlite::SqliteOptions;

use super::bench::{Bench, Findings, scratch_folder};
use super::database::Database;
use crate::client::{self, Client};
use crate::record::{LivePart, LiveTrack};
use crate::server::{Server, slow};
use crate::timeline::Kind;
use crate::{LabError, Scale, Table, words};

/// How long the mail server takes to answer, at full length.
const MAIL: Duration = Duration::from_secs(1);

/// What the login handlers need.
#[derive(Clone, Debug)]
struct Login {
    database: Database,
    mail_server: SocketAddr,
    log: PathBuf,
    mail_track: LiveTrack,
    log_track: LiveTrack,
}

impl Login {
    /// Whether the store has a user who can log in.
    async fn check(&self) -> bool {
        self.database.has_users().await
    }

    async fn send_mail(&self) -> Result<(), LabError> {
        let sent = client::get(self.mail_server, "/");
        self.mail_track.during(Kind::Waiting, sent).await?;
        self.mail_track.mark();
        Ok(())
    }

    fn write_log(&self) -> Result<(), LabError> {
        append(&self.log).map_err(LabError::io("write a log"))?;
        self.log_track.mark();
        Ok(())
    }
}

fn append(log: &Path) -> io::Result<()> {
    let mut log = OpenOptions::new().create(true).append(true).open(log)?;
    log.write_all(b"User logged in\n")?;
    log.sync_data()
}

/// The seconds until the client had its response, and until the mail and the log were done.
#[derive(Clone, Copy, Debug)]
struct Took {
    client: f64,
    all: f64,
}

pub(super) fn horizon(scale: Scale) -> Duration {
    scale.of(MAIL)
}

pub(super) async fn run(bench: &Bench<'_>) -> Result<Findings, LabError> {
    let scratch = scratch_folder()?;
    let options = SqliteOptions {
        path: Some(scratch.path().join("lab.db")),
        ..SqliteOptions::default()
    };
    let database = Database::open(&options, Duration::ZERO)?;
    let mail_server = slow(bench.scale().of(MAIL)).await?;
    let login = |part: &LivePart| Login {
        database: database.clone(),
        mail_server: mail_server.address,
        log: scratch.path().join("lab.log"),
        mail_track: part.track("mail"),
        log_track: part.track("log"),
    };

    let part = bench.part("before the response");
    let person = part.track("the person");
    let all_first = login(&part);
    let router = Router::new().route("/login", get(async move || before(all_first).await));
    let before = measure(bench, &part, &person, router).await?;

    let part = bench.part("after it, as background tasks");
    let person = part.track("the person");
    let answer_first = login(&part);
    let handler = async move |tasks: BackgroundTasks| after(answer_first, &tasks).await;
    let router = Router::new().route("/login", get(handler));
    let after = measure(bench, &part, &person, router).await?;

    mail_server.stop().await;
    database.close().await?;
    bench.figure("mail_seconds", bench.scale().of(MAIL).as_secs_f64());
    bench.figure("before_client_seconds", before.client);
    bench.figure("before_all_seconds", before.all);
    bench.figure("after_client_seconds", after.client);
    bench.figure("after_all_seconds", after.all);
    Ok(findings(before, after))
}

async fn before(login: Login) -> Result<&'static str, LabError> {
    let known = login.check().await;
    login.send_mail().await?;
    sabr::blocking(move || login.write_log()).await??;
    Ok(message(known))
}

async fn after(login: Login, tasks: &BackgroundTasks) -> Result<&'static str, Overloaded> {
    let known = login.check().await;
    let (mail, log) = (login.clone(), login);
    tasks
        .named("mail")
        .add(async move { mail.send_mail().await })?;
    tasks.named("log").add_sync(move || log.write_log())?;
    Ok(message(known))
}

fn message(known: bool) -> &'static str {
    if known {
        "Login successful"
    } else {
        "no such person"
    }
}

async fn measure(
    bench: &Bench<'_>,
    part: &LivePart,
    person: &LiveTrack,
    router: Router,
) -> Result<Took, LabError> {
    let server = Server::start(1, Sabr::default(), router).await?;
    let mut client = Client::connect(server.address).await?;
    bench.progress("login", 0, 1);
    part.start();
    let began = Instant::now();
    person.during(Kind::Waiting, client.get("/login")).await?;
    let client = began.elapsed().as_secs_f64();
    person.note(words::time(client));
    server.sabr.tasks_idle().await;
    let all = began.elapsed().as_secs_f64();
    part.note(format!("the person waited {}", words::time(client)));
    bench.progress("login", 1, 1);
    server.stop().await;
    Ok(Took { client, all })
}

fn findings(before: Took, after: Took) -> Findings {
    let mut table = Table::new(["mail and log", "the person waits", "all is done after"]);
    let mut row = |how: &str, took: Took| {
        table.row([
            how.to_owned(),
            words::time(took.client),
            words::time(took.all),
        ]);
    };
    row("before the response", before);
    row("after it, as background tasks", after);
    Findings {
        table,
        said: [
            format!(
                "With the mail and the log before the response, the person waited {}.",
                words::time(before.client)
            ),
            format!(
                "As background tasks they ran just as long, but the person waited {}; all was done after {}.",
                words::time(after.client),
                words::time(after.all)
            ),
        ],
        ledger: Vec::new(),
    }
}
