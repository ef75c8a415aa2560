//! Streams the change log as server-sent events.

mod event_id;
mod frame;
mod last_event_id;
mod stream;
mod tail;

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::extract::State;

use self::last_event_id::LastEventId;
use self::stream::EventStream;
use self::tail::Tail;
use super::App;
use super::problem::Problem;

pub(super) fn routes(app: &App) -> ApiRouter<App> {
    let tail = Arc::new(Tail::new(app));
    ApiRouter::new()
        .api_route("/events", get_with(events, doc))
        .with_state(tail)
}

async fn events(
    State(tail): State<Arc<Tail>>,
    LastEventId(position): LastEventId,
) -> Result<EventStream, Problem> {
    let seat = tail.take_seat()?;
    Ok(EventStream::new(tail, seat, position))
}

fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("events")
        .tag("events")
        .summary("Follow every change, as it happens")
        .description(
            "Server-sent events. A stream begins with `reset` if the request has no `Last-Event-ID`, or if the change that \
            it names is not in the log, because the change is too old or a backup was restored since. After a `reset`, read \
            everything; the stream continues with all later changes. Send the `id` of an event back unchanged. The events \
            `todo.created` and `todo.changed` carry the todo, and `item.created` and `item.changed` carry the checklist item. \
            They carry its present state, not its state at the change, and their `url` is relative to the stream. The events \
            `todo.deleted` and `item.deleted` carry the ids. The items of a deleted todo are deleted without events of their \
            own. The stream ends when the service stops.",
        )
}
