//! What an order consists of, as the contracts write it: passengers, tickets, money, changes; and its states in words.

use crate::api::shared as types;
use crate::kernel::clock::rfc3339;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1 as booking;

use super::call::filled;
use super::itinerary::{aircraft, flight_time, ptc};
use super::money::money;

/// Who travels.
pub fn passenger(passenger: booking::OrderPassenger) -> types::OrderPassenger {
    types::OrderPassenger {
        ptc: ptc(passenger.ptc()).to_owned(),
        id: passenger.id,
        given_name: passenger.given_name,
        family_name: passenger.family_name,
        born_on: passenger.born_on,
    }
}

/// An e-ticket.
pub fn ticket(ticket: booking::Ticket) -> types::Ticket {
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

/// A payment.
pub fn payment(payment: booking::OrderPayment) -> types::Payment {
    types::Payment {
        method: payment_method_name(payment.method()).to_owned(),
        id: payment.id,
        amount: money(payment.amount.as_ref()),
        status: payment.status,
        decline_code: filled(payment.decline_code),
        created_at: rfc3339(payment.created_at_us),
    }
}

/// Whom to reach.
pub fn contact(contact: Option<booking::Contact>) -> types::Contact {
    let contact = contact.unwrap_or_default();
    types::Contact {
        email: contact.email,
        phone: filled(contact.phone),
    }
}

/// What the airline changed after the sale.
pub fn schedule_changes(all: Vec<booking::ScheduleChange>) -> Vec<types::ScheduleChange> {
    all.into_iter().map(schedule_change).collect()
}

fn schedule_change(change: booking::ScheduleChange) -> types::ScheduleChange {
    let kind = match change.kind() {
        booking::ScheduleChangeKind::Unspecified | booking::ScheduleChangeKind::Cancelled => {
            "cancelled"
        }
        booking::ScheduleChangeKind::Retimed => "retimed",
        booking::ScheduleChangeKind::EquipmentChanged => "equipment_changed",
    };
    let flown = |code: String, name: String| filled(code).map(|code| aircraft(code, name));
    let cabin_flown = kind != "cancelled" && !change.cabin_gone;
    types::ScheduleChange {
        id: change.id,
        segment_id: change.segment_id,
        kind: kind.to_owned(),
        status: change.status,
        detected_at: rfc3339(change.detected_at_us),
        departure_before: flight_time(change.departure_before),
        arrival_before: flight_time(change.arrival_before),
        departure_after: change.departure_after.map(|time| flight_time(Some(time))),
        arrival_after: change.arrival_after.map(|time| flight_time(Some(time))),
        aircraft_before: flown(change.equipment_before, change.equipment_name_before),
        aircraft_after: flown(change.equipment_after, change.equipment_name_after),
        cabin_flown,
    }
}

/// Money given back.
pub fn refund(refund: booking::Refund) -> types::Refund {
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
        lines: cancellation
            .lines
            .into_iter()
            .map(cancellation_line)
            .collect(),
    }
}

fn cancellation_line(line: booking::CancellationLine) -> types::OrderCancellationLine {
    types::OrderCancellationLine {
        r#type: line.kind,
        code: filled(line.code),
        paid: money(line.paid.as_ref()),
        penalty: money(line.penalty.as_ref()),
        refund: money(line.refund.as_ref()),
    }
}

/// Whether an order is paid at once or held, in a word.
pub fn type_name(kind: booking::OrderType) -> &'static str {
    match kind {
        booking::OrderType::Unspecified | booking::OrderType::Instant => "instant",
        booking::OrderType::Hold => "hold",
    }
}

/// How far an order is, in a word.
pub fn status_name(status: booking::OrderStatus) -> &'static str {
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

/// The status that a filter of the list names; none where nothing is asked for.
pub fn statuses_named(name: Option<&str>) -> Vec<i32> {
    (1..)
        .map_while(|number| booking::OrderStatus::try_from(number).ok())
        .filter(|&status| Some(status_name(status)) == name)
        .map(Into::into)
        .collect()
}

fn payment_method_name(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Unspecified | PaymentMethod::Card => "card",
        PaymentMethod::AgencyCredit => "agency_credit",
    }
}

/// How far the payment of an order is, in a word.
pub fn payment_status_name(status: booking::PaymentStatus) -> &'static str {
    match status {
        booking::PaymentStatus::Unspecified | booking::PaymentStatus::Unpaid => "unpaid",
        booking::PaymentStatus::Authorized => "authorized",
        booking::PaymentStatus::Paid => "paid",
        booking::PaymentStatus::PartiallyRefunded => "partially_refunded",
        booking::PaymentStatus::Refunded => "refunded",
        booking::PaymentStatus::Unknown => "unknown",
    }
}
