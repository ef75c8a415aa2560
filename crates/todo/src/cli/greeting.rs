use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use super::LogFormat;
use super::output::Output;

/// Says where the service is: to people on standard output, to machines in the log.
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
