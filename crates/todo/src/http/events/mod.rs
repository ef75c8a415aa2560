//! What has changed, as it changes: server-sent events from the change log.

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
            "Server-sent events. A stream begins with `reset` if there is no `Last-Event-ID`, or if the change that it names \
             is not in the log: it is too old, or a backup was restored since. Read everything then; all that changes \
             afterwards follows. The `id` of an event is to be sent back as it is. The other events are `todo.created` and `todo.changed` \
             with the todo, `item.created` and `item.changed` with the checklist item (as of now, not as of then; their `url` \
             is relative to the stream), `todo.deleted` and `item.deleted` with the ids. The items of a deleted todo \
             are deleted without a word. The stream ends when the service does.",
        )
}
