//! Keeps a panic in the application's code from ending a thread of the library.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code that may panic. A panic becomes `Err` with its message.
pub(crate) fn caught<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let message = message(payload.as_ref());
        // Why: the payload can be any value, so dropping it can panic too.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            mem::forget(again);
        }
        message
    })
}

/// Logs an event. The subscriber belongs to the application, and a panic in it must not end the
/// writer.
pub(crate) fn log(event: impl FnOnce()) {
    // The failure cannot be reported: the log itself has failed.
    let _ = caught(event);
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is no text").to_owned()
}
