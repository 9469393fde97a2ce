//! The event feed, thin: what happened to which object. Read the object for its state.

use crate::api::shared::{Event, ObjectReference, ThinEvent};
use crate::edge::Clients;
use crate::edge::call::{ANSWER_WITHIN, context};
use crate::edge::money::large;
use crate::kernel::clock::rfc3339;
use crate::platform::auth::Caller;
use crate::rpc::common::v1::Page;
use crate::rpc::notify::v1::{FeedEvent, ListEventsRequest, ListEventsResponse};
use crate::wire::problem::Problem;

/// A page of the caller's feed, oldest first.
pub async fn list(
    clients: &Clients,
    caller: &Caller,
    kind: Option<&str>,
    page: Option<Page>,
) -> Result<ListEventsResponse, Problem> {
    let asked = ListEventsRequest {
        context: context(caller),
        page,
        r#type: kind.unwrap_or_default().to_owned(),
    };
    Ok(clients.feed.list_events(asked, ANSWER_WITHIN).await?)
}

/// An event.
pub fn event(event: FeedEvent, livemode: bool) -> Event {
    Event {
        id: event.id,
        r#type: event.r#type,
        time: rfc3339(event.time_us),
        object: ObjectReference {
            r#type: event.object_type,
            id: event.object_id,
        },
        sequence: large(event.sequence),
        livemode,
    }
}

/// An event as a thin webhook tells it.
pub fn thin(event: FeedEvent, livemode: bool, api_version: &str) -> ThinEvent {
    ThinEvent {
        id: event.id,
        r#type: event.r#type,
        api_version: api_version.to_owned(),
        created_at: rfc3339(event.time_us),
        sequence: large(event.sequence),
        livemode,
        object: ObjectReference {
            r#type: event.object_type,
            id: event.object_id,
        },
    }
}
