use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use super::LogFormat;
use super::output::Output;

/// Reports that the service is ready and at which address. The text goes to standard output; with
/// JSON logs, an event goes to the log instead.
pub(super) fn print(
    format: LogFormat,
    mut output: Output,
    address: SocketAddr,
    database: Option<&Path>,
) {
    let database = database.unwrap_or_else(|| Path::new(":memory:")).display();
    match format {
        LogFormat::Json => {
            tracing::info!(url = %format_args!("http://{address}"), %database, "ready");
        }
        LogFormat::Text => {
            let greeting = format!(
                "todo is ready: browser http://{address}/ · curl http://{address}/todos · docs http://{address}/docs · database {database}\n"
            );
            let _ = output.write_all(greeting.as_bytes());
        }
    }
}
