//! The history of an order, event by event.

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, filled};
use crate::edge::money::large;
use crate::edge::order_parts::{payment_status_name, status_name};
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::kernel::id::EventId;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

pub async fn list(
    call: Call<'_>,
    request: op::ListOrderHistoryInput,
) -> Result<op::ListOrderHistory, Problem> {
    let path = call.path(&format!("orders/{}/history", request.order_id));
    let asked = booking::ListHistoryRequest {
        context: call.context(),
        order_id: request.order_id,
        page: page::asked(request.after, request.limit),
    };
    let found = call.clients.orders.list_history(asked, ANSWER_WITHIN);
    let found = found.await?;
    let link = page::link(&path, &[], request.limit, &found.next);
    let body = listed!(OrderHistory: found.entries.into_iter().map(entry), found.next);
    Ok(op::ListOrderHistory::Ok { link, body })
}

fn entry(entry: booking::HistoryEntry) -> types::HistoryEntry {
    let (status, payment_status) = (entry.status(), entry.payment_status());
    types::HistoryEntry {
        id: entry.event_id,
        sequence: large(entry.sequence),
        time: rfc3339(entry.time_us),
        r#type: entry.r#type,
        cause: filled(entry.causation_id).map(cause),
        request_id: filled(entry.correlation_id),
        status: status_name(status).to_owned(),
        payment_status: payment_status_name(payment_status).to_owned(),
        version: large(entry.version),
    }
}

fn cause(id: String) -> types::HistoryCause {
    let event = EventId::parse(&id).is_some();
    types::HistoryCause {
        r#type: if event { "event" } else { "request" }.to_owned(),
        id,
    }
}
