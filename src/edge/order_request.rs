//! What callers ask of orders: who travels, how it is paid, what is changed, and on which condition.

use std::collections::BTreeMap;

use crate::api::shared::{self as types, operations as op};
use crate::edge::call::{ANSWER_WITHIN, Call, patience};
use crate::edge::condition::version_seen;
use crate::edge::money::large;
use crate::edge::page;
use crate::kernel::id::{OrderId, PaymentId};
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::{Idempotency, Money};
use crate::wire::etag;
use crate::wire::problem::Problem;

/// An order that is to be made: under which id, for whom and how, is for the caller of this to add.
pub fn order(
    offer_id: String,
    passengers: Vec<types::OrderPassengerInput>,
    contact: types::ContactInput,
    payment: Option<booking::PaymentInstruction>,
    client_reference: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
) -> booking::CreateOrderRequest {
    // What is not paid now is held.
    let kind = if payment.is_some() {
        booking::OrderType::Instant
    } else {
        booking::OrderType::Hold
    };
    booking::CreateOrderRequest {
        offer_id,
        r#type: kind.into(),
        passengers: passengers.into_iter().map(passenger).collect(),
        contact: Some(self::contact(contact)),
        payment,
        client_reference: client_reference.unwrap_or_default(),
        metadata: self::metadata(metadata.unwrap_or_default()),
        ..booking::CreateOrderRequest::default()
    }
}

/// An order that is to be made of an input of whichever contract.
macro_rules! order_of {
    ($input:ident, $payment:expr) => {
        $crate::edge::order_request::order(
            $input.offer_id,
            $input.passengers,
            $input.contact,
            $payment,
            $input.client_reference,
            $input.metadata,
        )
    };
}
pub(super) use order_of;

/// Makes an order, and waits for it to settle as long as the caller prefers.
pub async fn create(
    call: Call<'_>,
    idempotency: Option<Idempotency>,
    preference: Option<&str>,
    asked: booking::CreateOrderRequest,
) -> Result<booking::OrderReply, Problem> {
    let (wait_ms, deadline) = patience(preference);
    let asked = booking::CreateOrderRequest {
        context: call.context(),
        idempotency,
        order_id: OrderId::new(call.caller.now_us, call.chance).into(),
        wait_ms,
        ..asked
    };
    Ok(call.clients.orders.create_order(asked, deadline).await?)
}

/// Pays an order, and waits for it to settle as long as the caller prefers.
pub async fn pay(
    call: Call<'_>,
    idempotency: Option<Idempotency>,
    preference: Option<&str>,
    order_id: String,
    payment: booking::PaymentInstruction,
) -> Result<booking::OrderReply, Problem> {
    let (wait_ms, deadline) = patience(preference);
    let asked = booking::PayOrderRequest {
        context: call.context(),
        idempotency,
        order_id,
        payment: Some(payment),
        wait_ms,
    };
    Ok(call.clients.orders.pay_order(asked, deadline).await?)
}

/// Who a passenger is.
pub fn passenger(input: types::OrderPassengerInput) -> booking::OrderPassenger {
    booking::OrderPassenger {
        id: input.id,
        ptc: 0,
        given_name: input.given_name,
        family_name: input.family_name,
        born_on: input.born_on,
    }
}

/// Whom to reach.
pub fn contact(input: types::ContactInput) -> booking::Contact {
    booking::Contact {
        email: input.email,
        phone: input.phone.unwrap_or_default(),
    }
}

/// Entries of the caller's own, as a service is told.
pub fn metadata(entries: BTreeMap<String, String>) -> Vec<booking::MetadataEntry> {
    entries
        .into_iter()
        .map(|(key, value)| booking::MetadataEntry { key, value })
        .collect()
}

/// A payment by card.
pub fn card(call: Call<'_>, token: String, amount: Option<Money>) -> booking::PaymentInstruction {
    booking::PaymentInstruction {
        payment_id: PaymentId::new(call.caller.now_us, call.chance).into(),
        method_token: token,
        amount,
        method: PaymentMethod::Card.into(),
    }
}

/// An order of the caller.
pub async fn read(call: Call<'_>, order_id: &str) -> Result<booking::Order, Problem> {
    let asked = booking::GetOrderRequest {
        context: call.context(),
        order_id: order_id.to_owned(),
    };
    Ok(call.clients.orders.get_order(asked, ANSWER_WITHIN).await?)
}

/// The `ETag` of an order.
pub fn tag(order: &booking::Order) -> String {
    etag::of_version(large(order.version))
}

/// Answers what may take its time: 201 once the order has settled, 202 before.
macro_rules! answer {
    ($call:expr, $operation:ident, $reply:expr) => {{
        let reply = $reply;
        let found = reply.order.unwrap_or_default();
        let location = $call.location("orders", &found.id);
        let etag = $crate::edge::order_request::tag(&found);
        let idempotency_replayed = reply.replayed;
        let body = order(found);
        if reply.settled {
            op::$operation::Created {
                location,
                etag,
                idempotency_replayed,
                body,
            }
        } else {
            op::$operation::Accepted {
                location,
                etag,
                idempotency_replayed,
                body,
            }
        }
    }};
}
pub(super) use answer;

/// Entries of the caller's own, as they are shown.
pub fn metadata_shown(entries: Vec<booking::MetadataEntry>) -> BTreeMap<String, String> {
    entries
        .into_iter()
        .map(|entry| (entry.key, entry.value))
        .collect()
}

/// The operation of reading an order, for a contract that tells orders by this function.
macro_rules! reading {
    ($order:path) => {
        $crate::edge::door::operation! {
            get_order: GetOrderInput -> GetOrder, |call, request| {
                let found = order_request::read(call, &request.order_id).await?;
                let (etag, body) = (order_request::tag(&found), $order(found));
                Ok($crate::edge::condition::unless_known!(GetOrder, request.if_none_match, etag, body))
            }
        }
    };
}
pub(super) use reading;

/// The operation of changing an order, for a contract that tells orders by this function.
macro_rules! changing {
    ($order:path) => {
        $crate::edge::door::operation! {
            update_order: UpdateOrderInput -> UpdateOrder, |call, request| {
                let changed = order_request::update(call, request).await?;
                let (etag, body) = (order_request::tag(&changed), $order(changed));
                Ok(op::UpdateOrder::Ok { etag, body })
            }
        }
    };
}
pub(super) use changing;

/// A page of those orders that the caller may see and asks for.
pub async fn page(
    call: Call<'_>,
    asked: booking::ListOrdersRequest,
) -> Result<booking::ListOrdersResponse, Problem> {
    let asked = booking::ListOrdersRequest {
        context: call.context(),
        ..asked
    };
    Ok(call
        .clients
        .orders
        .list_orders(asked, ANSWER_WITHIN)
        .await?)
}

/// A page of orders by cursor, and the link to the next.
pub async fn list(
    call: Call<'_>,
    asked: booking::ListOrdersRequest,
    filters: &[(&str, Option<&str>)],
    (after, limit): (Option<String>, Option<i32>),
) -> Result<(Option<String>, booking::ListOrdersResponse), Problem> {
    let asked = booking::ListOrdersRequest {
        page: page::asked(after, limit),
        ..asked
    };
    let found = page(call, asked).await?;
    let link = page::link(&call.path("orders"), filters, limit, &found.next);
    Ok((link, found))
}

/// Changes contact and metadata of the version that the caller has seen.
pub async fn update(
    call: Call<'_>,
    request: op::UpdateOrderInput,
) -> Result<booking::Order, Problem> {
    let (order_id, input) = (request.order_id, request.body);
    // Read first, so that a stale tag of somebody else's order is not found rather than stale.
    let current = read(call, &order_id).await?.version;
    let expected_version = version_seen(request.if_match.as_deref(), current)?;
    let asked = booking::UpdateOrderRequest {
        context: call.context(),
        order_id,
        expected_version,
        contact: input.contact.map(contact),
        replace_metadata: input.metadata.is_some(),
        metadata: metadata(input.metadata.unwrap_or_default()),
    };
    let orders = &call.clients.orders;
    Ok(orders.update_order(asked, ANSWER_WITHIN).await?)
}
