//! Issuing tickets, and voiding them.

use crate::api::partner_v1::{operations as op, types};
use crate::edge::call::{Call, idempotency, patience};
use crate::edge::order_request::{self, answer};
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

use super::order::order;
use super::orders::{by_card, on_credit};

pub async fn issue(
    call: Call<'_>,
    request: op::IssueTicketsInput,
) -> Result<op::IssueTickets, Problem> {
    let (key, id) = (&request.idempotency_key, request.order_id);
    let idempotency = idempotency(key, &id, Some(&request.body));
    let payment = match request.body.payment {
        types::TicketPaymentInput::AgencyCredit(input) => on_credit(call, input.amount),
        types::TicketPaymentInput::Card(input) => by_card(call, input.token, input.amount),
    };
    let preference = request.prefer.as_deref();
    let reply = order_request::pay(call, idempotency, preference, id, payment).await?;
    Ok(answer!(call, IssueTickets, reply))
}

pub async fn void(call: Call<'_>, request: op::VoidOrderInput) -> Result<op::VoidOrder, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let asked = booking::VoidOrderRequest {
        context: call.context(),
        idempotency: idempotency::<()>(&request.idempotency_key, &request.order_id, None),
        order_id: request.order_id,
        wait_ms,
    };
    let reply = call.clients.orders.void_order(asked, deadline).await?;
    let (settled, idempotency_replayed) = (reply.settled, reply.replayed);
    let found = reply.order.unwrap_or_default();
    let etag = order_request::tag(&found);
    let body = order(found);
    Ok(match settled {
        true => op::VoidOrder::Ok {
            etag,
            idempotency_replayed,
            body,
        },
        false => op::VoidOrder::Accepted {
            location: call.location("orders", &body.id),
            etag,
            idempotency_replayed,
            body,
        },
    })
}
