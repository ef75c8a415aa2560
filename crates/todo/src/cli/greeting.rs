use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use super::LogFormat;

/// Says where the service is: to people on standard output, to machines in the log.
pub(super) fn print(format: LogFormat, address: SocketAddr, database: Option<&Path>) {
    let database = database.unwrap_or_else(|| Path::new(":memory:")).display();
    match format {
        LogFormat::Json => {
            tracing::info!(url = %format_args!("http://{address}"), %database, "ready");
        }
        LogFormat::Text => {
            let mut out = std::io::stdout().lock();
            // Whoever started the service may have closed its output; it serves all the same.
            let _ = writeln!(
                out,
                "todo is ready: browser http://{address}/ · curl http://{address}/todos · docs http://{address}/docs · database {database}"
            );
        }
    }
}
