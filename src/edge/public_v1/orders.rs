//! Orders: make, list, read, change.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, context, idempotency, patience};
use crate::edge::condition::is_known;
use crate::edge::order_request::{self, answer};
use crate::kernel::id::OrderId;
use crate::platform::auth::Caller;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

use super::Door;
use super::numbered::Numbered;
use super::order::{order, statuses_asked};
use super::payments::payment;

pub async fn create(
    door: &Door,
    caller: &Caller,
    request: op::CreateOrderInput,
) -> Result<op::CreateOrder, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    // Without a key the offer protects: it can be sold once.
    let key = request.idempotency_key.unwrap_or_default();
    let idempotency = idempotency(&key, "", Some(&request.body));
    let asked = booking::CreateOrderRequest {
        context: context(caller),
        idempotency,
        order_id: OrderId::new(caller.now_us, &door.chance).into(),
        wait_ms,
        ..order_asked(door, caller, request.body)?
    };
    let reply = door.clients.orders.create_order(asked, deadline).await?;
    Ok(answer!(CreateOrder, reply, "/public/v1/orders"))
}

fn order_asked(
    door: &Door,
    caller: &Caller,
    input: types::OrderInput,
) -> Result<booking::CreateOrderRequest, Problem> {
    Ok(match input {
        types::OrderInput::Instant(input) => order_request::order(
            input.offer_id,
            input.passengers,
            input.contact,
            Some(payment(door, caller, input.payment)?),
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
    })
}

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListOrdersInput,
) -> Result<op::ListOrders, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let statuses = request.status.map(statuses_asked).unwrap_or_default();
    let reference = request.client_reference.as_deref();
    let fetch = |page| {
        let asked = booking::ListOrdersRequest {
            context: context(caller),
            statuses: statuses.iter().map(|&status| status.into()).collect(),
            client_reference: reference.unwrap_or_default().to_owned(),
            page,
            ..booking::ListOrdersRequest::default()
        };
        async {
            let found = door.clients.orders.list_orders(asked, ANSWER_WITHIN);
            let found = found.await?;
            Ok((found.orders, found.next))
        }
    };
    let (orders, has_more) = asked.walk(fetch).await?;
    let filters = [
        ("status", request.status.map(|status| status.as_str())),
        ("client_reference", reference),
    ];
    let body = types::OrderList {
        data: orders.into_iter().map(order).collect(),
        page: asked.page(),
        per_page: asked.per_page(),
        has_more,
    };
    Ok(op::ListOrders::Ok {
        link: asked.link("/public/v1/orders", &filters, has_more),
        body,
    })
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
    let (id, condition) = (request.order_id, request.if_match);
    let changed = order_request::update(&door.clients, caller, id, condition, request.body).await?;
    Ok(op::UpdateOrder::Ok {
        etag: order_request::tag(&changed),
        body: order(changed),
    })
}
