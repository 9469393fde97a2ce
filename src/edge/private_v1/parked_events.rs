//! Events that a consumer did not take: list, deliver again.

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, filled, idempotency};
use crate::edge::money::large;
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::rpc::events::v1 as events;
use crate::wire::problem::Problem;

pub async fn list(
    call: Call<'_>,
    request: op::ListParkedEventsInput,
) -> Result<op::ListParkedEvents, Problem> {
    let filters = [("consumer", request.consumer.as_deref())];
    let asked = events::ListParkedRequest {
        context: call.context(),
        consumer: request.consumer.clone().unwrap_or_default(),
        page: page::asked(request.after, request.limit),
    };
    let found = call.clients.parked.list_parked(asked, ANSWER_WITHIN);
    let found = found.await?;
    let path = call.path("parked-events");
    let link = page::link(&path, &filters, request.limit, &found.next);
    let body = listed!(ParkedEventList: found.events.into_iter().map(parked), found.next);
    Ok(op::ListParkedEvents::Ok { link, body })
}

pub async fn redeliver(
    call: Call<'_>,
    request: op::RedeliverParkedEventInput,
) -> Result<op::RedeliverParkedEvent, Problem> {
    let (key, event_id) = (request.idempotency_key, request.event_id);
    let asked = events::RedeliverRequest {
        context: call.context(),
        idempotency: idempotency::<()>(&key, &event_id, None),
        event_id,
    };
    let done = call.clients.parked.redeliver(asked, ANSWER_WITHIN).await?;
    Ok(op::RedeliverParkedEvent::Ok {
        idempotency_replayed: done.replayed,
        body: types::Redelivery {
            event_id: done.event_id,
            receipts: done.receipts.into_iter().map(receipt).collect(),
        },
    })
}

fn parked(parked: events::ParkedEvent) -> types::ParkedEvent {
    let event = parked.event.unwrap_or_default();
    let state = if parked.waiting { "waiting" } else { "refused" };
    types::ParkedEvent {
        id: event.id,
        r#type: event.r#type,
        publisher: parked.publisher,
        consumer: parked.consumer,
        subject: event.subject,
        sequence: large(event.sequence),
        time: rfc3339(event.time_us),
        account_id: filled(event.account_id),
        request_id: filled(event.correlation_id),
        state: state.to_owned(),
        tries: parked.tries.into(),
        reason: filled(parked.reason),
    }
}

fn receipt(receipt: events::Receipt) -> types::Receipt {
    types::Receipt {
        consumer: receipt.consumer,
        taken: receipt.taken,
        followers: receipt.followers.into(),
        reason: filled(receipt.reason),
    }
}
