use std::fmt::Display;

/// What a background task may end with: nothing, or a `Result` whose error can be shown.
///
/// An error is logged and counted, and the next task runs. It reaches neither the response, which
/// has been sent, nor the connection.
#[diagnostic::on_unimplemented(
    message = "a background task ends with `()` or `Result<(), E>` where `E: Display`, not with `{Self}`",
    label = "this task ends with `{Self}`",
    note = "end the task with `;`, or turn its value into `()` or into an error that can be shown"
)]
pub trait TaskOutput: Sealed {
    /// `Err` is the message of the failure.
    fn into_result(self) -> Result<(), String>;
}

/// Prevents implementations outside of this crate, so that methods can be added.
pub trait Sealed {}

impl Sealed for () {}

impl<E: Display> Sealed for Result<(), E> {}

impl TaskOutput for () {
    fn into_result(self) -> Result<(), String> {
        Ok(())
    }
}

impl<E: Display> TaskOutput for Result<(), E> {
    /// Shown with `{:#}`, which prints the whole chain of the errors that have one.
    fn into_result(self) -> Result<(), String> {
        self.map_err(|error| format!("{error:#}"))
    }
}
