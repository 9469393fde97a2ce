//! Orders: make, list, pay, and agree to what the airline changed of them.

use crate::api::public_v2::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, idempotency};
use crate::edge::money::money_asked;
use crate::edge::order_parts::statuses_named;
use crate::edge::order_request::{self, answer, order_of};
use crate::edge::page::listed;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

use super::offer::services_asked;
use super::order::order;

pub async fn create(
    call: Call<'_>,
    request: op::CreateOrderInput,
) -> Result<op::CreateOrder, Problem> {
    let idempotency = idempotency(&request.idempotency_key, "", Some(&request.body));
    let (services, asked) = match request.body {
        types::OrderInput::Instant(input) => (
            services_asked(input.services),
            order_of!(input, Some(payment(call, input.payment))),
        ),
        types::OrderInput::Hold(input) => (services_asked(input.services), order_of!(input, None)),
    };
    let asked = booking::CreateOrderRequest { services, ..asked };
    let preference = request.prefer.as_deref();
    let reply = order_request::create(call, idempotency, preference, asked).await?;
    Ok(answer!(call, CreateOrder, reply))
}

pub async fn list(call: Call<'_>, request: op::ListOrdersInput) -> Result<op::ListOrders, Problem> {
    let status = request.status.map(|status| status.as_str());
    let filters = [
        ("status", status),
        ("client_reference", request.client_reference.as_deref()),
    ];
    let asked = booking::ListOrdersRequest {
        statuses: statuses_named(status),
        client_reference: request.client_reference.clone().unwrap_or_default(),
        ..booking::ListOrdersRequest::default()
    };
    let page = (request.after, request.limit);
    let (link, found) = order_request::list(call, asked, &filters, page).await?;
    let body = listed!(OrderList: found.orders.into_iter().map(order), found.next);
    Ok(op::ListOrders::Ok { link, body })
}

pub async fn pay(
    call: Call<'_>,
    request: op::CreateOrderPaymentInput,
) -> Result<op::CreateOrderPayment, Problem> {
    let (key, id) = (&request.idempotency_key, request.order_id);
    let idempotency = idempotency(key, &id, Some(&request.body));
    let payment = payment(call, request.body.payment);
    let preference = request.prefer.as_deref();
    let reply = order_request::pay(call, idempotency, preference, id, payment).await?;
    Ok(answer!(call, CreateOrderPayment, reply))
}

pub async fn accept_schedule_change(
    call: Call<'_>,
    request: op::AcceptScheduleChangeInput,
) -> Result<op::AcceptScheduleChange, Problem> {
    let asked = booking::AcceptScheduleChangeRequest {
        context: call.context(),
        schedule_change_id: request.schedule_change_id,
    };
    let orders = &call.clients.orders;
    let found = orders.accept_schedule_change(asked, ANSWER_WITHIN).await?;
    let (etag, body) = (order_request::tag(&found), order(found));
    Ok(op::AcceptScheduleChange::Ok { etag, body })
}

pub(super) fn payment(call: Call<'_>, input: types::PaymentInput) -> booking::PaymentInstruction {
    order_request::card(call, input.token, input.amount.map(money_asked))
}
