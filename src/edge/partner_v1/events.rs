//! The event feed.

use crate::api::partner_v1::{operations as op, types};
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
    let kind = request.r#type.as_deref();
    let asked = page::asked(request.after, request.limit);
    let found = events::list(&door.clients, caller, kind, asked).await?;
    let filters = [("type", kind)];
    let link = page::link("/partner/v1/events", &filters, request.limit, &found.next);
    let data = found.events.into_iter();
    Ok(op::ListEvents::Ok {
        link,
        body: types::EventList {
            data: data
                .map(|one| events::event(one, caller.livemode))
                .collect(),
            next_cursor: filled(found.next),
        },
    })
}
