//! Orders: make, list, read, change, pay.

use crate::api::public_v2::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, context, filled, idempotency, patience};
use crate::edge::condition::is_known;
use crate::edge::order_parts::statuses_named;
use crate::edge::order_request::{self, answer};
use crate::edge::page;
use crate::kernel::id::OrderId;
use crate::platform::auth::Caller;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::Money;
use crate::wire::problem::Problem;

use super::Door;
use super::order::order;

pub async fn create(
    door: &Door,
    caller: &Caller,
    request: op::CreateOrderInput,
) -> Result<op::CreateOrder, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let asked = booking::CreateOrderRequest {
        context: context(caller),
        idempotency: idempotency(&request.idempotency_key, "", Some(&request.body)),
        order_id: OrderId::new(caller.now_us, &door.chance).into(),
        wait_ms,
        ..order_asked(door, caller, request.body)
    };
    let reply = door.clients.orders.create_order(asked, deadline).await?;
    Ok(answer!(CreateOrder, reply, "/public/v2/orders"))
}

fn order_asked(
    door: &Door,
    caller: &Caller,
    input: types::OrderInput,
) -> booking::CreateOrderRequest {
    match input {
        types::OrderInput::Instant(input) => order_request::order(
            input.offer_id,
            input.passengers,
            input.contact,
            Some(payment(door, caller, input.payment)),
            input.client_reference,
            input.metadata,
        ),
        types::OrderInput::Hold(input) => order_request::order(
            input.offer_id,
            input.passengers,
            input.contact,
            None,
            input.client_reference,
            input.metadata,
        ),
    }
}

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListOrdersInput,
) -> Result<op::ListOrders, Problem> {
    let status = request.status.map(|status| status.as_str());
    let asked = booking::ListOrdersRequest {
        context: context(caller),
        statuses: statuses_named(status),
        client_reference: request.client_reference.clone().unwrap_or_default(),
        page: page::asked(request.after, request.limit),
        ..booking::ListOrdersRequest::default()
    };
    let found = door
        .clients
        .orders
        .list_orders(asked, ANSWER_WITHIN)
        .await?;
    let filters = [
        ("status", status),
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
    let found = order_request::read(&door.clients, caller, &request.order_id).await?;
    let etag = order_request::tag(&found);
    if is_known(request.if_none_match.as_deref(), &etag) {
        return Ok(op::GetOrder::NotModified { etag });
    }
    let body = order(found);
    Ok(op::GetOrder::Ok { etag, body })
}

pub async fn update(
    door: &Door,
    caller: &Caller,
    request: op::UpdateOrderInput,
) -> Result<op::UpdateOrder, Problem> {
    let changed = order_request::update(
        &door.clients,
        caller,
        request.order_id,
        request.if_match,
        request.body,
    )
    .await?;
    Ok(op::UpdateOrder::Ok {
        etag: order_request::tag(&changed),
        body: order(changed),
    })
}

pub async fn pay(
    door: &Door,
    caller: &Caller,
    request: op::CreateOrderPaymentInput,
) -> Result<op::CreateOrderPayment, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let (key, order_id) = (&request.idempotency_key, request.order_id);
    let asked = booking::PayOrderRequest {
        context: context(caller),
        idempotency: idempotency(key, &order_id, Some(&request.body)),
        order_id,
        payment: Some(payment(door, caller, request.body.payment)),
        wait_ms,
    };
    let reply = door.clients.orders.pay_order(asked, deadline).await?;
    Ok(answer!(CreateOrderPayment, reply, "/public/v2/orders"))
}

fn payment(
    door: &Door,
    caller: &Caller,
    input: types::PaymentInput,
) -> booking::PaymentInstruction {
    let amount = input.amount.map(|amount| Money {
        amount: amount.amount,
        currency: amount.currency,
    });
    order_request::card(caller, &door.chance, input.token, amount)
}
