//! The event feed.

use crate::api::public_v2::{operations as op, types};
use crate::edge::call::filled;
use crate::edge::{events, page};
use crate::platform::auth::Caller;
use crate::wire::problem::Problem;

use super::Door;

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListEventsInput,
) -> Result<op::ListEvents, Problem> {
    let (kind, limit) = (request.r#type.as_deref(), request.limit);
    let asked = page::asked(request.after, limit);
    let found = events::list(&door.clients, caller, kind, asked).await?;
    let link = page::link("/public/v2/events", &[("type", kind)], limit, &found.next);
    let event = |event| events::event(event, caller.livemode);
    Ok(op::ListEvents::Ok {
        link,
        body: types::EventList {
            data: found.events.into_iter().map(event).collect(),
            next_cursor: filled(found.next),
        },
    })
}
