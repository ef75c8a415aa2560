//! `chromedriver` with one session: a separate Chromium with a new profile. Both end when the
//! driver is dropped.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::Client;

/// Flags of Chromium. With them it sends no requests of its own into the network.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
];

/// The driver. Its commands are those of [WebDriver](https://www.w3.org/TR/webdriver2/), which are
/// JSON over HTTP, so the tests' client of the service sends them too.
pub(crate) struct Driver {
    client: Client,
    session: String,
    process: Child,
    /// Kept open, because the driver may write to it.
    _stdout: BufReader<ChildStdout>,
    _profile: TempDir,
}

impl Driver {
    /// Starts the browser. If none is installed, prints that and returns `None`.
    pub(crate) async fn start() -> Option<Self> {
        let driver = installed(&["chromedriver"]);
        let browser = installed(&["chromium", "chromium-browser", "google-chrome"]);
        let (Some(driver), Some(browser)) = (driver, browser) else {
            skip();
            return None;
        };
        let mut process = Command::new(driver)
            .arg(format!("--port={}", free_port()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Self {
            client: Client::new(format!("127.0.0.1:{}", port(&mut stdout))),
            session: String::new(),
            process,
            _stdout: stdout,
            _profile: profile,
        };
        driver.begin(browser).await;
        Some(driver)
    }

    async fn begin(&mut self, browser: PathBuf) {
        let profile = format!("--user-data-dir={}", self._profile.path().display());
        let flags: Vec<_> = FLAGS.into_iter().chain([profile.as_str()]).collect();
        let capabilities = json!({
            "goog:chromeOptions": { "binary": browser, "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let asked = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let begun = answer(self.client.post("/session", &asked).await);
        let session = begun.unwrap_or_else(|why| panic!("no browser: {why}"));
        self.session = session["sessionId"].as_str().unwrap().to_owned();
    }

    /// Carries out a command of the session. The error says why it failed.
    pub(crate) async fn command(&self, name: &str, parameters: Value) -> Result<Value, String> {
        let path = format!("/session/{}/{name}", self.session);
        answer(self.client.post(&path, &parameters).await)
    }

    /// As [`Driver::command`], for commands that only read something.
    pub(crate) async fn ask(&self, name: &str) -> Result<Value, String> {
        let path = format!("/session/{}/{name}", self.session);
        answer(self.client.get(&path).await)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // If the driver were killed at once, its browser would keep running.
        if let Err(error) = shut_down(&self.client.address) {
            let _ = writeln!(io::stderr(), "the browser did not end in order: {error}");
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn shut_down(address: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET /shutdown HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    stream.read_to_end(&mut Vec::new()).map(drop)
}

fn answer(answer: crate::server::Answer) -> Result<Value, String> {
    let value = answer.json()["value"].take();
    match answer.status.is_success() {
        true => Ok(value),
        false => Err(format!("{}: {}", value["error"], value["message"])),
    }
}

/// A port that is free for both versions of IP. Why not `--port=0`: the driver then takes a free
/// one of IPv6, and ends if another program uses its number with IPv4.
fn free_port() -> u16 {
    loop {
        let v4 = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = v4.local_addr().unwrap().port();
        // A machine without IPv6 has nothing to collide with.
        let v6 = TcpListener::bind(("::1", port));
        if !v6.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse) {
            return port;
        }
    }
}

/// Reads the driver's greeting up to its port.
fn port(stdout: &mut impl BufRead) -> u16 {
    let mut greeting = String::new();
    while stdout.read_line(&mut greeting).unwrap() > 0 {
        let port = greeting.split("started successfully on port ").nth(1);
        if let Some(port) = port {
            return port.trim().trim_end_matches('.').parse().unwrap();
        }
    }
    panic!("chromedriver did not start: {greeting}");
}

/// The first of these programs that is installed.
fn installed(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let candidates = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|program| program.is_file())
}

/// Prints that no browser is installed. It bypasses the test runner, which hides the output of
/// tests that pass.
fn skip() {
    let missing = "no browser: chromium and chromedriver have to be installed (on Debian: chromium, chromium-driver)";
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    let _ = writeln!(io::stderr(), "SKIPPED {test}: {missing}");
}
