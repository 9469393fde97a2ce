//! Orders as the contract writes them.

use crate::api::public_v2::types;
use crate::edge::call::filled;
use crate::edge::itinerary::{conditions, passenger_prices, price, slice};
use crate::edge::money::{large, money, small};
use crate::edge::{order_parts as told, order_request};
use crate::kernel::clock::rfc3339;
use crate::rpc::booking::v1::{self as booking, OrderStatus};
use crate::rpc::common::v1::Money;
use crate::rpc::flights::v1::OfferService;

/// What the contract has an operation for.
const ACTIONS: [&str; 5] = [
    "pay",
    "cancel",
    "update",
    "accept_schedule_change",
    "change",
];

/// An order.
pub fn order(order: booking::Order) -> types::Order {
    let (kind, status, payment_status) = (order.r#type(), order.status(), order.payment_status());
    let offer = order.offer.unwrap_or_default();
    let mut available_actions = order.available_actions;
    available_actions.retain(|action| ACTIONS.contains(&action.as_str()));
    types::Order {
        id: order.id,
        version: large(order.version),
        r#type: told::type_name(kind).to_owned(),
        status: told::status_name(status).to_owned(),
        payment_status: told::payment_status_name(payment_status).to_owned(),
        available_actions,
        locator: filled(order.locator),
        client_reference: filled(order.client_reference),
        created_at: rfc3339(order.created_at_us),
        updated_at: rfc3339(order.updated_at_us),
        payment_required_by: order.payment_required_by_us.map(rfc3339),
        amount_due: money(order.amount_due.as_ref()),
        offer_id: offer.id,
        validating_carrier: offer.owner,
        fare_brand: offer.fare_brand,
        slices: offer.slices.into_iter().map(slice).collect(),
        passengers: order.passengers.into_iter().map(told::passenger).collect(),
        price: price(offer.price),
        passenger_prices: passenger_prices(offer.passenger_prices),
        conditions: conditions(offer.conditions),
        services: offer
            .services
            .into_iter()
            .map(|one| service(one, status))
            .collect(),
        contact: told::contact(order.contact),
        tickets: order.tickets.into_iter().map(told::ticket).collect(),
        payments: order.payments.into_iter().map(told::payment).collect(),
        refunds: order.refunds.into_iter().map(told::refund).collect(),
        schedule_changes: told::schedule_changes(order.schedule_changes),
        metadata: order_request::metadata_shown(order.metadata),
        failure_code: filled(order.failure_code),
        synthetic: true,
    }
}

/// What was bought besides the fare. It is as certain as the order is.
fn service(service: OfferService, order: OrderStatus) -> types::OrderService {
    let status = match order {
        OrderStatus::Unspecified | OrderStatus::Pending | OrderStatus::Held => "pending",
        OrderStatus::Confirmed | OrderStatus::Ticketed | OrderStatus::Completed => "confirmed",
        OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Failed => "cancelled",
    };
    let one = service.amount.unwrap_or_default();
    let all = Money {
        amount: one.amount * i64::from(service.quantity),
        ..one
    };
    types::OrderService {
        id: service.id,
        r#type: service.r#type,
        name: service.name,
        passenger_id: service.passenger_id,
        slice_id: service.slice_id,
        quantity: small(service.quantity),
        amount: money(Some(&all)),
        status: status.to_owned(),
    }
}
