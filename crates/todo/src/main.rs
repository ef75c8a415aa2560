//! The `todo` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    todo::cli::main()
}
