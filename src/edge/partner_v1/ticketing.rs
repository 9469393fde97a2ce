//! Issuing tickets, and voiding them.

use crate::api::partner_v1::{operations as op, types};
use crate::edge::call::{context, idempotency, patience};
use crate::edge::order_request;
use crate::platform::auth::Caller;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

use super::Door;
use super::order::order;
use super::orders::{by_card, on_credit};

pub async fn issue(
    door: &Door,
    caller: &Caller,
    request: op::IssueTicketsInput,
) -> Result<op::IssueTickets, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let asked = booking::PayOrderRequest {
        context: context(caller),
        idempotency: idempotency(
            &request.idempotency_key,
            &request.order_id,
            Some(&request.body),
        ),
        order_id: request.order_id,
        payment: Some(match request.body.payment {
            types::TicketPaymentInput::AgencyCredit(input) => on_credit(door, caller, input.amount),
            types::TicketPaymentInput::Card(input) => {
                by_card(door, caller, input.token, input.amount)
            }
        }),
        wait_ms,
    };
    let reply = door.clients.orders.pay_order(asked, deadline).await?;
    Ok(order_request::answer!(
        IssueTickets,
        reply,
        "/partner/v1/orders"
    ))
}

pub async fn void(
    door: &Door,
    caller: &Caller,
    request: op::VoidOrderInput,
) -> Result<op::VoidOrder, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let asked = booking::VoidOrderRequest {
        context: context(caller),
        idempotency: idempotency::<()>(&request.idempotency_key, &request.order_id, None),
        order_id: request.order_id,
        wait_ms,
    };
    let reply = door.clients.orders.void_order(asked, deadline).await?;
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
            location: format!("/partner/v1/orders/{}", body.id),
            etag,
            idempotency_replayed,
            body,
        },
    })
}
