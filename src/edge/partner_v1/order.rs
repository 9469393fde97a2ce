//! Orders as the contract writes them: the record with its segments, tickets and money.

use crate::api::partner_v1::types;
use crate::edge::call::filled;
use crate::edge::itinerary::{conditions, passenger_prices, price, slice};
use crate::edge::money::{large, money};
use crate::edge::order_parts::{
    contact, passenger, payment, payment_status_name, refund, schedule_changes, status_name, ticket,
};
use crate::edge::order_request::metadata_shown;
use crate::kernel::clock::rfc3339;
use crate::rpc::booking::v1 as booking;

use super::offer::negotiated_fare;

/// An order.
pub fn order(order: booking::Order) -> types::Order {
    let (status, payment_status) = (order.status(), order.payment_status());
    let actions = &order.available_actions;
    let available_actions = actions.iter().filter_map(|action| self::action(action));
    let segment_statuses = segment_statuses(&order);
    let available_actions = available_actions.map(str::to_owned).collect();
    let offer = order.offer.unwrap_or_default();
    types::Order {
        id: order.id,
        version: large(order.version),
        status: status_name(status).to_owned(),
        payment_status: payment_status_name(payment_status).to_owned(),
        available_actions,
        locator: filled(order.locator),
        client_reference: filled(order.client_reference),
        created_at: rfc3339(order.created_at_us),
        updated_at: rfc3339(order.updated_at_us),
        ticketing_time_limit: order.payment_required_by_us.map(rfc3339),
        void_until: order.void_until_us.map(rfc3339),
        amount_due: money(order.amount_due.as_ref()),
        offer_id: offer.id,
        hold_id: filled(order.hold_id),
        negotiated_fare: negotiated_fare(offer.fare_id, offer.account_code),
        validating_carrier: offer.owner,
        fare_brand: offer.fare_brand,
        slices: offer.slices.into_iter().map(slice).collect(),
        segment_statuses,
        schedule_changes: schedule_changes(order.schedule_changes),
        passengers: order.passengers.into_iter().map(passenger).collect(),
        price: price(offer.price),
        passenger_prices: passenger_prices(offer.passenger_prices),
        conditions: conditions(offer.conditions),
        contact: contact(order.contact),
        tickets: order.tickets.into_iter().map(ticket).collect(),
        payments: order.payments.into_iter().map(payment).collect(),
        refunds: order.refunds.into_iter().map(refund).collect(),
        metadata: metadata_shown(order.metadata),
        failure_code: filled(order.failure_code),
        synthetic: true,
    }
}

/// What an agency calls an action; `None` for what this door has no operation for.
fn action(action: &str) -> Option<&'static str> {
    match action {
        "pay" => Some("ticket"),
        "void" => Some("void"),
        "cancel" => Some("cancel"),
        _ => None,
    }
}

/// How each segment stands: what became of the order, and while it lives, what the airline did and nobody agreed to.
fn segment_statuses(order: &booking::Order) -> Vec<types::SegmentStatus> {
    use booking::OrderStatus;
    let of_order = match order.status() {
        OrderStatus::Unspecified | OrderStatus::Pending => "HN",
        OrderStatus::Held
        | OrderStatus::Confirmed
        | OrderStatus::Ticketed
        | OrderStatus::Completed => "HK",
        OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Failed => "XX",
    };
    let slices = order.offer.iter().flat_map(|offer| &offer.slices);
    slices
        .flat_map(|slice| &slice.segments)
        .map(|segment| {
            let mut changes = order.schedule_changes.iter().rev();
            let open =
                changes.find(|change| change.segment_id == segment.id && change.status == "open");
            let status = match open {
                Some(open) if of_order == "HK" => of_change(open),
                _ => of_order,
            };
            types::SegmentStatus {
                segment_id: segment.id.clone(),
                status: status.to_owned(),
            }
        })
        .collect()
}

fn of_change(change: &booking::ScheduleChange) -> &'static str {
    use booking::ScheduleChangeKind::{Cancelled, EquipmentChanged, Retimed, Unspecified};
    match change.kind() {
        Unspecified | Cancelled => "UN",
        EquipmentChanged if change.cabin_gone => "UN",
        Retimed | EquipmentChanged => "TK",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::flights::v1 as flights;

    /// Status of the order, what the airline did to its one segment and what became of that ⇒ how the segment stands.
    #[test]
    fn segments_stand_as_the_order_does_and_as_the_airline_left_them() {
        use booking::OrderStatus;
        use booking::ScheduleChangeKind::{Cancelled, EquipmentChanged, Retimed};
        for (status, changes, told) in [
            (OrderStatus::Pending, &[][..], "HN"),
            (OrderStatus::Held, &[], "HK"),
            (OrderStatus::Ticketed, &[], "HK"),
            (OrderStatus::Ticketed, &[(Retimed, "open")], "TK"),
            (OrderStatus::Ticketed, &[(Retimed, "accepted")], "HK"),
            (
                OrderStatus::Ticketed,
                &[(Retimed, "resolved"), (Cancelled, "open")],
                "UN",
            ),
            (
                OrderStatus::Ticketed,
                &[(Retimed, "accepted"), (Retimed, "open")],
                "TK",
            ),
            (
                OrderStatus::Ticketed,
                &[(Retimed, "open"), (EquipmentChanged, "accepted")],
                "TK",
            ),
            (OrderStatus::Cancelled, &[(Cancelled, "resolved")], "XX"),
            (OrderStatus::Expired, &[], "XX"),
        ] {
            let segment = flights::Segment {
                id: "seg_1".to_owned(),
                ..flights::Segment::default()
            };
            let slice = flights::Slice {
                segments: vec![segment],
                ..flights::Slice::default()
            };
            let order = booking::Order {
                status: status.into(),
                offer: Some(flights::Offer {
                    slices: vec![slice],
                    ..flights::Offer::default()
                }),
                schedule_changes: changes
                    .iter()
                    .map(|&(kind, became)| booking::ScheduleChange {
                        segment_id: "seg_1".to_owned(),
                        kind: kind.into(),
                        status: became.to_owned(),
                        ..booking::ScheduleChange::default()
                    })
                    .collect(),
                ..booking::Order::default()
            };
            let stands = segment_statuses(&order);
            assert_eq!(stands.len(), 1);
            assert_eq!(stands[0].status, told, "{status:?} {changes:?}");
        }
    }
}
