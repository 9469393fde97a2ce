//! Orders and their cancellations as the contract writes them.

use std::collections::BTreeMap;

use crate::api::public_v2::types;
use crate::kernel::clock::rfc3339;
use crate::rpc::booking::v1 as booking;

use super::offer::{conditions, passenger_price, price, ptc, slice};
use super::{filled, money};

/// An order.
pub fn order(order: booking::Order) -> types::Order {
    let (kind, status, payment_status) = (order.r#type(), order.status(), order.payment_status());
    let offer = order.offer.unwrap_or_default();
    let contact = order.contact.unwrap_or_default();
    types::Order {
        id: order.id,
        version: i64::try_from(order.version).unwrap_or(i64::MAX),
        r#type: type_name(kind).to_owned(),
        status: status_name(status).to_owned(),
        payment_status: payment_status_name(payment_status).to_owned(),
        available_actions: order.available_actions,
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
        passengers: order.passengers.into_iter().map(passenger).collect(),
        price: price(offer.price),
        passenger_prices: offer
            .passenger_prices
            .into_iter()
            .map(passenger_price)
            .collect(),
        conditions: conditions(offer.conditions),
        contact: types::Contact {
            email: contact.email,
            phone: filled(contact.phone),
        },
        tickets: order.tickets.into_iter().map(ticket).collect(),
        payments: order.payments.into_iter().map(payment).collect(),
        refunds: order.refunds.into_iter().map(refund).collect(),
        metadata: order
            .metadata
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect::<BTreeMap<_, _>>(),
        failure_code: filled(order.failure_code),
        synthetic: true,
    }
}

fn passenger(passenger: booking::OrderPassenger) -> types::OrderPassenger {
    types::OrderPassenger {
        ptc: ptc(passenger.ptc()).to_owned(),
        id: passenger.id,
        given_name: passenger.given_name,
        family_name: passenger.family_name,
        born_on: passenger.born_on,
    }
}

fn ticket(ticket: booking::Ticket) -> types::Ticket {
    types::Ticket {
        number: ticket.number,
        passenger_id: ticket.passenger_id,
        status: ticket.status,
        issued_at: rfc3339(ticket.issued_at_us),
        coupons: ticket
            .coupons
            .into_iter()
            .map(|coupon| types::Coupon {
                segment_id: coupon.segment_id,
                status: coupon.status,
            })
            .collect(),
    }
}

fn payment(payment: booking::OrderPayment) -> types::Payment {
    types::Payment {
        id: payment.id,
        amount: money(payment.amount.as_ref()),
        status: payment.status,
        decline_code: filled(payment.decline_code),
        created_at: rfc3339(payment.created_at_us),
    }
}

fn refund(refund: booking::Refund) -> types::Refund {
    types::Refund {
        id: refund.id,
        payment_id: refund.payment_id,
        amount: money(refund.amount.as_ref()),
        status: refund.status,
        created_at: rfc3339(refund.created_at_us),
    }
}

/// A cancellation, quoted or confirmed.
pub fn cancellation(cancellation: booking::Cancellation) -> types::OrderCancellation {
    let status = match cancellation.status() {
        booking::CancellationStatus::Unspecified | booking::CancellationStatus::Quoted => "quoted",
        booking::CancellationStatus::Confirmed => "confirmed",
        booking::CancellationStatus::Expired => "expired",
    };
    types::OrderCancellation {
        id: cancellation.id,
        order_id: cancellation.order_id,
        status: status.to_owned(),
        created_at: rfc3339(cancellation.created_at_us),
        expires_at: rfc3339(cancellation.expires_at_us),
        confirmed_at: cancellation.confirmed_at_us.map(rfc3339),
        refund: cancellation
            .refund
            .as_ref()
            .map(|refund| money(Some(refund))),
        penalty: cancellation
            .penalty
            .as_ref()
            .map(|penalty| money(Some(penalty))),
        refund_status: cancellation.refund_status,
    }
}

fn type_name(kind: booking::OrderType) -> &'static str {
    match kind {
        booking::OrderType::Unspecified | booking::OrderType::Instant => "instant",
        booking::OrderType::Hold => "hold",
    }
}

fn status_name(status: booking::OrderStatus) -> &'static str {
    match status {
        booking::OrderStatus::Unspecified | booking::OrderStatus::Pending => "pending",
        booking::OrderStatus::Held => "held",
        booking::OrderStatus::Confirmed => "confirmed",
        booking::OrderStatus::Ticketed => "ticketed",
        booking::OrderStatus::Completed => "completed",
        booking::OrderStatus::Cancelled => "cancelled",
        booking::OrderStatus::Expired => "expired",
        booking::OrderStatus::Failed => "failed",
    }
}

/// The status that a filter of the list names; `None` when no order can have it.
pub fn status_named(name: &str) -> Option<booking::OrderStatus> {
    (1..)
        .map_while(|number| booking::OrderStatus::try_from(number).ok())
        .find(|&status| status_name(status) == name)
}

fn payment_status_name(status: booking::PaymentStatus) -> &'static str {
    match status {
        booking::PaymentStatus::Unspecified | booking::PaymentStatus::Unpaid => "unpaid",
        booking::PaymentStatus::Authorized => "authorized",
        booking::PaymentStatus::Paid => "paid",
        booking::PaymentStatus::PartiallyRefunded => "partially_refunded",
        booking::PaymentStatus::Refunded => "refunded",
        booking::PaymentStatus::Unknown => "unknown",
    }
}
