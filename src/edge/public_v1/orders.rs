//! Orders: make, list.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::{Call, idempotency};
use crate::edge::order_request::{self, answer, order_of};
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

use super::numbered::{Numbered, numbered};
use super::order::{order, statuses_asked};
use super::payments::payment;

pub async fn create(
    call: Call<'_>,
    request: op::CreateOrderInput,
) -> Result<op::CreateOrder, Problem> {
    // Without a key the offer protects: it can be sold once.
    let key = request.idempotency_key.unwrap_or_default();
    let idempotency = idempotency(&key, "", Some(&request.body));
    let asked = match request.body {
        types::OrderInput::Instant(input) => order_of!(input, Some(payment(call, input.payment)?)),
        types::OrderInput::Hold(input) => order_of!(input, None),
    };
    let preference = request.prefer.as_deref();
    let reply = order_request::create(call, idempotency, preference, asked).await?;
    Ok(answer!(call, CreateOrder, reply))
}

pub async fn list(call: Call<'_>, request: op::ListOrdersInput) -> Result<op::ListOrders, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let statuses = request.status.map(statuses_asked).unwrap_or_default();
    let reference = request.client_reference.as_deref();
    let fetch = async |page| {
        let asked = booking::ListOrdersRequest {
            statuses: statuses.iter().map(|&status| status.into()).collect(),
            client_reference: reference.unwrap_or_default().to_owned(),
            page,
            ..booking::ListOrdersRequest::default()
        };
        let found = order_request::page(call, asked).await?;
        Ok((found.orders, found.next))
    };
    let (orders, has_more) = asked.walk(fetch).await?;
    let filters = [
        ("status", request.status.map(|status| status.as_str())),
        ("client_reference", reference),
    ];
    let link = asked.link(&call.path("orders"), &filters, has_more);
    let body = numbered!(OrderList: asked, orders.into_iter().map(order), has_more);
    Ok(op::ListOrders::Ok { link, body })
}
