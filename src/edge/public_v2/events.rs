//! The event feed.

use crate::api::public_v2::{operations as op, types};
use crate::kernel::clock::rfc3339;
use crate::platform::auth::Caller;
use crate::rpc::notify::v1::{FeedEvent, ListEventsRequest};
use crate::wire::problem::Problem;

use super::{ANSWER_WITHIN, Door, context, filled, page};

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListEventsInput,
) -> Result<op::ListEvents, Problem> {
    let asked = ListEventsRequest {
        context: context(caller),
        page: page::asked(request.after, request.limit),
        r#type: request.r#type.clone().unwrap_or_default(),
    };
    let found = door.feed.list_events(asked, ANSWER_WITHIN).await?;
    let link = page::link(
        "/public/v2/events",
        &[("type", request.r#type.as_deref())],
        request.limit,
        &found.next,
    );
    let data = found
        .events
        .into_iter()
        .map(|one| event(one, caller.livemode))
        .collect();
    Ok(op::ListEvents::Ok {
        link,
        body: types::EventList {
            data,
            next_cursor: filled(found.next),
        },
    })
}

fn event(event: FeedEvent, livemode: bool) -> types::Event {
    types::Event {
        id: event.id,
        r#type: event.r#type,
        time: rfc3339(event.time_us),
        object: types::ObjectReference {
            r#type: event.object_type,
            id: event.object_id,
        },
        sequence: i64::try_from(event.sequence).unwrap_or(i64::MAX),
        livemode,
    }
}
