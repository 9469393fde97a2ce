//! Changing the journey of an order in two steps, quote and confirm.

use crate::api::public_v2::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, filled, idempotency, patience};
use crate::edge::itinerary::{conditions, price, slice};
use crate::edge::money::money;
use crate::kernel::clock::rfc3339;
use crate::kernel::id::OrderChangeId;
use crate::rpc::booking::v1::{self as booking, OrderChangeStatus};
use crate::wire::problem::Problem;

use super::orders::payment;

/// Where they are.
const PATH: &str = "order-changes";

pub async fn quote(
    call: Call<'_>,
    request: op::QuoteOrderChangeInput,
) -> Result<op::QuoteOrderChange, Problem> {
    let asked = booking::QuoteOrderChangeRequest {
        context: call.context(),
        order_change_id: OrderChangeId::new(call.caller.now_us, call.chance).into(),
        order_id: request.body.order_id,
        offer_id: request.body.offer_id,
    };
    let orders = &call.clients.orders;
    let body = change(orders.quote_order_change(asked, ANSWER_WITHIN).await?);
    Ok(op::QuoteOrderChange::Created {
        location: call.location(PATH, &body.id),
        body,
    })
}

pub async fn get(
    call: Call<'_>,
    request: op::GetOrderChangeInput,
) -> Result<op::GetOrderChange, Problem> {
    let asked = booking::GetOrderChangeRequest {
        context: call.context(),
        order_change_id: request.order_change_id,
    };
    let orders = &call.clients.orders;
    let body = change(orders.get_order_change(asked, ANSWER_WITHIN).await?);
    Ok(op::GetOrderChange::Ok { body })
}

pub async fn confirm(
    call: Call<'_>,
    request: op::ConfirmOrderChangeInput,
) -> Result<op::ConfirmOrderChange, Problem> {
    let (key, id) = (&request.idempotency_key, request.order_change_id);
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let asked = booking::ConfirmOrderChangeRequest {
        context: call.context(),
        idempotency: idempotency(key, &id, Some(&request.body)),
        order_change_id: id,
        payment: request.body.payment.map(|input| payment(call, input)),
        wait_ms,
    };
    let orders = &call.clients.orders;
    let reply = orders.confirm_order_change(asked, deadline).await?;
    let (idempotency_replayed, body) = (
        reply.replayed,
        change(reply.order_change.unwrap_or_default()),
    );
    Ok(if reply.settled {
        op::ConfirmOrderChange::Ok {
            idempotency_replayed,
            body,
        }
    } else {
        op::ConfirmOrderChange::Accepted {
            location: call.location(PATH, &body.id),
            idempotency_replayed,
            body,
        }
    })
}

/// A change, quoted or confirmed.
fn change(change: booking::OrderChange) -> types::OrderChange {
    let status = match change.status() {
        OrderChangeStatus::Unspecified | OrderChangeStatus::Quoted => "quoted",
        OrderChangeStatus::Pending => "pending",
        OrderChangeStatus::Confirmed => "confirmed",
        OrderChangeStatus::Failed => "failed",
        OrderChangeStatus::Expired => "expired",
    };
    let some = |amount: &Option<_>| amount.as_ref().map(|amount| money(Some(amount)));
    let offer = change.offer.unwrap_or_default();
    types::OrderChange {
        id: change.id,
        order_id: change.order_id,
        status: status.to_owned(),
        created_at: rfc3339(change.created_at_us),
        expires_at: rfc3339(change.expires_at_us),
        confirmed_at: change.confirmed_at_us.map(rfc3339),
        offer_id: offer.id,
        validating_carrier: offer.owner,
        fare_brand: offer.fare_brand,
        slices: offer.slices.into_iter().map(slice).collect(),
        price: price(offer.price),
        conditions: conditions(offer.conditions),
        involuntary: change.involuntary,
        old_total: money(change.old_total.as_ref()),
        new_total: money(change.new_total.as_ref()),
        penalty: money(change.penalty.as_ref()),
        forfeited: money(change.forfeited.as_ref()),
        add_collect: some(&change.add_collect),
        refund: some(&change.refund),
        refund_status: change.refund_status,
        failure_code: filled(change.failure_code),
    }
}
