//! Orders: make, list, read, change, pay.

use std::collections::BTreeMap;

use crate::api::problem::Code;
use crate::api::public_v2::{operations as op, types};
use crate::kernel::id::{OrderId, PaymentId};
use crate::platform::auth::Caller;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::Money;
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::order::{order, status_named};
use super::{ANSWER_WITHIN, Door, context, filled, idempotency, page, patience};

pub async fn create(
    door: &Door,
    caller: &Caller,
    request: op::CreateOrderInput,
) -> Result<op::CreateOrder, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let idempotency = idempotency(&request.idempotency_key, "", Some(&request.body));
    let asked = booking::CreateOrderRequest {
        context: context(caller),
        idempotency,
        order_id: OrderId::new(caller.now_us, &door.chance).into(),
        wait_ms,
        ..order_asked(door, caller, request.body)
    };
    let reply = door.orders.create_order(asked, deadline).await?;
    let (replayed, settled) = (reply.replayed, reply.settled);
    let body = order(reply.order.unwrap_or_default());
    let (location, tag) = (location(&body), etag::of_version(body.version));
    Ok(if settled {
        op::CreateOrder::Created {
            location,
            etag: tag,
            idempotency_replayed: replayed,
            body,
        }
    } else {
        op::CreateOrder::Accepted {
            location,
            etag: tag,
            idempotency_replayed: replayed,
            body,
        }
    })
}

fn order_asked(
    door: &Door,
    caller: &Caller,
    input: types::OrderInput,
) -> booking::CreateOrderRequest {
    let (kind, offer_id, passengers, contact, payment, client_reference, metadata) = match input {
        types::OrderInput::Instant(input) => (
            booking::OrderType::Instant,
            input.offer_id,
            input.passengers,
            input.contact,
            Some(input.payment),
            input.client_reference,
            input.metadata,
        ),
        types::OrderInput::Hold(input) => (
            booking::OrderType::Hold,
            input.offer_id,
            input.passengers,
            input.contact,
            None,
            input.client_reference,
            input.metadata,
        ),
    };
    booking::CreateOrderRequest {
        offer_id,
        r#type: kind.into(),
        passengers: passengers
            .into_iter()
            .map(|passenger| booking::OrderPassenger {
                id: passenger.id,
                ptc: 0,
                given_name: passenger.given_name,
                family_name: passenger.family_name,
                born_on: passenger.born_on,
            })
            .collect(),
        contact: Some(contact_told(contact)),
        payment: payment.map(|payment| payment_told(door, caller, payment)),
        client_reference: client_reference.unwrap_or_default(),
        metadata: metadata_told(metadata.unwrap_or_default()),
        ..booking::CreateOrderRequest::default()
    }
}

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListOrdersInput,
) -> Result<op::ListOrders, Problem> {
    let status = request
        .status
        .and_then(|status| status_named(status.as_str()))
        .unwrap_or_default();
    let asked = booking::ListOrdersRequest {
        context: context(caller),
        status: status.into(),
        client_reference: request.client_reference.clone().unwrap_or_default(),
        page: page::asked(request.after, request.limit),
    };
    let found = door.orders.list_orders(asked, ANSWER_WITHIN).await?;
    let filters = [
        ("status", request.status.map(|status| status.as_str())),
        ("client_reference", request.client_reference.as_deref()),
    ];
    let link = page::link("/public/v2/orders", &filters, request.limit, &found.next);
    let body = types::OrderList {
        data: found.orders.into_iter().map(order).collect(),
        next_cursor: filled(found.next),
    };
    Ok(op::ListOrders::Ok { link, body })
}

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetOrderInput,
) -> Result<op::GetOrder, Problem> {
    let asked = booking::GetOrderRequest {
        context: context(caller),
        order_id: request.order_id,
    };
    let body = order(door.orders.get_order(asked, ANSWER_WITHIN).await?);
    let tag = etag::of_version(body.version);
    if request
        .if_none_match
        .is_some_and(|header| etag::none_match_hits(&header, &tag))
    {
        return Ok(op::GetOrder::NotModified { etag: tag });
    }
    Ok(op::GetOrder::Ok { etag: tag, body })
}

pub async fn update(
    door: &Door,
    caller: &Caller,
    request: op::UpdateOrderInput,
) -> Result<op::UpdateOrder, Problem> {
    let Some(condition) = request.if_match else {
        return Err(Problem::new(
            Code::PreconditionRequired,
            "send the ETag of the order that you have read as If-Match, or *",
        ));
    };
    let expected_version = if condition.trim() == "*" {
        0
    } else {
        version_meant(door, caller, &request.order_id, &condition).await?
    };
    let asked = booking::UpdateOrderRequest {
        context: context(caller),
        order_id: request.order_id,
        expected_version,
        contact: request.body.contact.map(contact_told),
        replace_metadata: request.body.metadata.is_some(),
        metadata: metadata_told(request.body.metadata.unwrap_or_default()),
    };
    let body = order(door.orders.update_order(asked, ANSWER_WITHIN).await?);
    Ok(op::UpdateOrder::Ok {
        etag: etag::of_version(body.version),
        body,
    })
}

/// The version that one of the condition's tags names. The order is read first, so that a stale tag of somebody else's order is
/// not found rather than stale; the service compares again when it writes.
async fn version_meant(
    door: &Door,
    caller: &Caller,
    order_id: &str,
    condition: &str,
) -> Result<u64, Problem> {
    let asked = booking::GetOrderRequest {
        context: context(caller),
        order_id: order_id.to_owned(),
    };
    let current = door.orders.get_order(asked, ANSWER_WITHIN).await?.version;
    if etag::match_hits(
        condition,
        &etag::of_version(i64::try_from(current).unwrap_or(i64::MAX)),
    ) {
        return Ok(current);
    }
    Err(Problem::new(
        Code::PreconditionFailed,
        format!("the order is at version {current}; read it again"),
    ))
}

pub async fn pay(
    door: &Door,
    caller: &Caller,
    request: op::CreateOrderPaymentInput,
) -> Result<op::CreateOrderPayment, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let asked = booking::PayOrderRequest {
        context: context(caller),
        idempotency: idempotency(
            &request.idempotency_key,
            &request.order_id,
            Some(&request.body),
        ),
        order_id: request.order_id,
        payment: Some(payment_told(door, caller, request.body.payment)),
        wait_ms,
    };
    let reply = door.orders.pay_order(asked, deadline).await?;
    let (replayed, settled) = (reply.replayed, reply.settled);
    let body = order(reply.order.unwrap_or_default());
    let (location, tag) = (location(&body), etag::of_version(body.version));
    Ok(if settled {
        op::CreateOrderPayment::Created {
            location,
            etag: tag,
            idempotency_replayed: replayed,
            body,
        }
    } else {
        op::CreateOrderPayment::Accepted {
            location,
            etag: tag,
            idempotency_replayed: replayed,
            body,
        }
    })
}

fn location(order: &types::Order) -> String {
    format!("/public/v2/orders/{}", order.id)
}

fn contact_told(input: types::ContactInput) -> booking::Contact {
    booking::Contact {
        email: input.email,
        phone: input.phone.unwrap_or_default(),
    }
}

fn payment_told(
    door: &Door,
    caller: &Caller,
    input: types::PaymentInput,
) -> booking::PaymentInstruction {
    booking::PaymentInstruction {
        payment_id: PaymentId::new(caller.now_us, &door.chance).into(),
        method_token: input.token,
        amount: input.amount.map(|amount| Money {
            amount: amount.amount,
            currency: amount.currency,
        }),
    }
}

fn metadata_told(entries: BTreeMap<String, String>) -> Vec<booking::MetadataEntry> {
    entries
        .into_iter()
        .map(|(key, value)| booking::MetadataEntry { key, value })
        .collect()
}
