//! The event feed, thin: what happened to which object. Read the object for its state.

use crate::api::shared::{self as types, operations as op};
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::edge::money::large;
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::rpc::common::v1::Page;
use crate::rpc::notify::v1::{FeedEvent, ListEventsRequest, ListEventsResponse};
use crate::wire::problem::Problem;

/// Lists by cursor what happened, oldest first.
pub async fn list(call: Call<'_>, request: op::ListEventsInput) -> Result<op::ListEvents, Problem> {
    let kind = request.r#type.as_deref();
    let asked = page::asked(request.after, request.limit);
    let found = page(call, kind, asked).await?;
    let filters = [("type", kind)];
    let link = page::link(&call.path("events"), &filters, request.limit, &found.next);
    let event = |told| event(told, call.caller.livemode);
    let body = listed!(EventList: found.events.into_iter().map(event), found.next);
    Ok(op::ListEvents::Ok { link, body })
}

/// A page of the caller's feed.
pub async fn page(
    call: Call<'_>,
    kind: Option<&str>,
    page: Option<Page>,
) -> Result<ListEventsResponse, Problem> {
    let asked = ListEventsRequest {
        context: call.context(),
        page,
        r#type: kind.unwrap_or_default().to_owned(),
    };
    Ok(call.clients.feed.list_events(asked, ANSWER_WITHIN).await?)
}

/// What an event is about.
pub fn object(kind: String, id: String) -> types::ObjectReference {
    types::ObjectReference { r#type: kind, id }
}

fn event(event: FeedEvent, livemode: bool) -> types::Event {
    types::Event {
        id: event.id,
        r#type: event.r#type,
        time: rfc3339(event.time_us),
        object: object(event.object_type, event.object_id),
        sequence: large(event.sequence),
        livemode,
    }
}

/// An event as a thin webhook tells it.
pub fn thin(event: FeedEvent, livemode: bool, api_version: &str) -> types::ThinEvent {
    types::ThinEvent {
        id: event.id,
        r#type: event.r#type,
        api_version: api_version.to_owned(),
        created_at: rfc3339(event.time_us),
        sequence: large(event.sequence),
        livemode,
        object: object(event.object_type, event.object_id),
    }
}
