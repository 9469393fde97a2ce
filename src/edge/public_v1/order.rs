//! Orders and what they cost, in the older shape: one state for order and payment, and amounts as strings.

use crate::api::public_v1::types;
use crate::edge::call::filled;
use crate::edge::{order_parts as told, order_request};
use crate::kernel::clock::rfc3339;
use crate::rpc::booking::v1::{self as booking, OrderStatus};
use crate::rpc::common::v1::Money;
use crate::rpc::flights::v1::Price;

use super::amount;
use super::itinerary::{changeable, conditions, kind, slices};

/// What something costs in all, and of that fare and what is added to it; each as amount and currency.
pub struct Total {
    /// Everything.
    pub total: (String, String),
    /// The fare.
    pub base: (String, String),
    /// Taxes and the carrier's surcharges.
    pub tax: (String, String),
}

impl Total {
    /// The parts of a price.
    pub fn of(price: Option<&Price>) -> Self {
        let total = price.and_then(|price| price.total.as_ref());
        let base = price.and_then(|price| price.base.as_ref());
        let added = total.map(|total| Money {
            amount: total.amount - base.map_or(0, |base| base.amount),
            currency: total.currency.clone(),
        });
        Self {
            total: amount::split(total),
            base: amount::split(base),
            tax: amount::split(added.as_ref()),
        }
    }
}

/// An order.
pub fn order(order: booking::Order) -> types::Order {
    let (type_name, status) = (told::type_name(order.r#type()), status(order.status()));
    let live = order
        .available_actions
        .iter()
        .any(|action| action == "update");
    let offer = order.offer.unwrap_or_default();
    let changeable = live && offer.services.is_empty() && changeable(offer.conditions.as_ref());
    let total = Total::of(offer.price.as_ref());
    let (due_amount, due_currency) = amount::split(order.amount_due.as_ref());
    types::Order {
        id: order.id,
        r#type: type_name.to_owned(),
        status: status.to_owned(),
        locator: filled(order.locator),
        client_reference: filled(order.client_reference),
        created_at: rfc3339(order.created_at_us),
        updated_at: rfc3339(order.updated_at_us),
        payment_required_by: order.payment_required_by_us.map(rfc3339),
        due_amount,
        due_currency,
        offer_id: offer.id,
        validating_carrier: offer.owner,
        fare_brand: offer.fare_brand,
        slices: slices(offer.slices, changeable),
        passengers: order.passengers.into_iter().map(passenger).collect(),
        total_amount: total.total.0,
        total_currency: total.total.1,
        base_amount: total.base.0,
        base_currency: total.base.1,
        tax_amount: total.tax.0,
        tax_currency: total.tax.1,
        conditions: conditions(offer.conditions),
        contact: told::contact(order.contact),
        payment_ids: order
            .payments
            .into_iter()
            .map(|payment| payment.id)
            .collect(),
        metadata: order_request::metadata_shown(order.metadata),
        failure_code: filled(order.failure_code),
        synthetic: true,
    }
}

fn passenger(passenger: booking::OrderPassenger) -> types::OrderPassenger {
    types::OrderPassenger {
        r#type: kind(passenger.ptc()).to_owned(),
        id: passenger.id,
        given_name: passenger.given_name,
        family_name: passenger.family_name,
        born_on: passenger.born_on,
    }
}

/// States that are told by one word here.
const CONFIRMED: [OrderStatus; 3] = [
    OrderStatus::Confirmed,
    OrderStatus::Ticketed,
    OrderStatus::Completed,
];

/// A state by its name.
fn status(status: OrderStatus) -> &'static str {
    if CONFIRMED.contains(&status) {
        "confirmed"
    } else {
        told::status_name(status)
    }
}

/// The states that a filter of the list names.
pub fn statuses_asked(filter: types::OrderStatusFilter) -> Vec<OrderStatus> {
    match filter {
        types::OrderStatusFilter::Pending => vec![OrderStatus::Pending],
        types::OrderStatusFilter::Held => vec![OrderStatus::Held],
        types::OrderStatusFilter::Confirmed => CONFIRMED.to_vec(),
        types::OrderStatusFilter::Cancelled => vec![OrderStatus::Cancelled],
        types::OrderStatusFilter::Expired => vec![OrderStatus::Expired],
        types::OrderStatusFilter::Failed => vec![OrderStatus::Failed],
    }
}
