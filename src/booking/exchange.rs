//! Changing the journey of an order: what it costs to travel by another offer instead, for how long that stands, and beginning it.
//!
//! The new price and the penalty of the old fare are paid, less what was paid before. What cancelling would not give back is not
//! to be had by changing either: not now, where the new fare is lower than that, and not by cancelling later. While a change that
//! the airline made is open, a like journey around the same days costs nothing, and the price stays.

use super::change::Change;
use super::order::{INSTANT_HOLD_US, Order, Refusal, Step};
use super::passenger;
use super::price::Breakdown;
use super::{cancellation, refund, ticket};
use crate::kernel::clock::{DAY_US, MINUTE_US};
use crate::kernel::id::HoldId;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::{OrderChangeStatus, OrderStatus};
use crate::rpc::common::v1::Money;
use crate::rpc::flights::v1::{Condition, Offer, Segment, Slice};

/// How long a quote stands at most; not longer than its offer.
pub const QUOTE_LIFE_US: i64 = 30 * MINUTE_US;

/// How far a journey may be moved that takes the place of one that the airline changed.
pub const ALTERNATIVE_WITHIN_US: i64 = 7 * DAY_US;

impl Order {
    /// Whether its journey may be changed at this time. Services belong to its flights, and cannot be moved to others yet.
    pub fn may_be_changed(&self, now_us: i64) -> bool {
        let allowed = self.is_set_free() || self.change_condition().is_some();
        self.status(now_us) == OrderStatus::Ticketed
            && self.rests()
            && !self.has_departed(now_us)
            && ticket::all_open(&self.state.tickets)
            && !self.has_services()
            && allowed
    }

    /// On what terms its fare may be changed; `None` when it may not.
    fn change_condition(&self) -> Option<&Condition> {
        let conditions = self.state.offer.as_ref()?.conditions.as_ref()?;
        let condition = conditions.change_before_departure.as_ref();
        condition.filter(|condition| condition.allowed)
    }

    /// The change of its journey that is under way.
    pub fn coming_change(&self) -> Option<&pb::OrderChange> {
        let change = self.change.as_ref();
        change.filter(|change| change.status() == OrderChangeStatus::Pending)
    }

    /// The flights that it is being changed to.
    pub fn coming_segments(&self) -> impl Iterator<Item = &Segment> {
        let offer = self
            .coming_change()
            .and_then(|change| change.offer.as_ref());
        offer
            .into_iter()
            .flat_map(|offer| &offer.slices)
            .flat_map(|slice| &slice.segments)
    }
}

/// The hold of a change's seats, under an id that its own names, so that a repeat asks for the same hold.
pub fn hold_id(change: &pb::OrderChange) -> String {
    HoldId::named(&[&change.id]).into()
}

/// When flights may give the seats of a change to others.
pub fn hold_expires_at_us(change: &pb::OrderChange) -> i64 {
    let confirmed = change.confirmed_at_us.unwrap_or(change.created_at_us);
    confirmed.saturating_add(INSTANT_HOLD_US)
}

/// Quotes a change to an offer.
pub fn quote(
    order: &Order,
    offer: Offer,
    id: String,
    now_us: i64,
) -> Result<pb::OrderChange, Refusal> {
    if !order.may_be_changed(now_us) {
        return Err(Refusal::InvalidState);
    }
    if offer.expires_at_us <= now_us {
        return Err(Refusal::OfferExpired);
    }
    let expires_at_us = offer
        .expires_at_us
        .min(now_us.saturating_add(QUOTE_LIFE_US));
    let old = order.price().ok_or(Refusal::PriceBroken)?;
    let mut offer = adopted(order, offer).ok_or(Refusal::PassengersMismatch)?;
    let involuntary = is_alternative(order, &offer);
    if involuntary {
        keep_price(order, &mut offer);
    }
    let new = Breakdown::of(&offer).ok_or(Refusal::PriceBroken)?;
    if new.currency != old.currency {
        return Err(Refusal::AmountMismatch);
    }
    let (penalty, forfeited) = match involuntary {
        true => (0, 0),
        false => {
            let lost = cancellation::nonrefundable(order)?;
            (penalty(order, &old)?, (lost - new.carriage()).max(0))
        }
    };
    let due = [new.total, penalty, forfeited, -old.total]
        .into_iter()
        .try_fold(0_i64, i64::checked_add)
        .ok_or(Refusal::PriceBroken)?;
    let money = |amount| Some(old.money(amount));
    Ok(pb::OrderChange {
        id,
        order_id: order.state.id.clone(),
        status: OrderChangeStatus::Quoted.into(),
        created_at_us: now_us,
        expires_at_us,
        confirmed_at_us: None,
        old_total: money(old.total),
        new_total: money(new.total),
        penalty: money(penalty),
        forfeited: money(forfeited),
        add_collect: money(due).filter(|_| due > 0),
        refund: money(-due).filter(|_| due < 0),
        involuntary,
        offer: Some(offer),
        ..pb::OrderChange::default()
    })
}

/// What the fare takes for a change, in minor units.
fn penalty(order: &Order, price: &Breakdown) -> Result<i64, Refusal> {
    let condition = order.change_condition().ok_or(Refusal::InvalidState)?;
    match &condition.penalty {
        Some(penalty) if penalty.currency == price.currency => Ok(penalty.amount.max(0)),
        Some(_) => Err(Refusal::PriceBroken),
        None => Ok(0),
    }
}

/// The offer for the passengers of the order: as many of each kind, and of an age for it on the new day of departure.
fn adopted(order: &Order, mut offer: Offer) -> Option<Offer> {
    let mut waiting: Vec<&pb::OrderPassenger> = order.state.passengers.iter().collect();
    if waiting.len() != offer.passengers.len() {
        return None;
    }
    for passenger in &mut offer.passengers {
        let at = waiting.iter().position(|one| one.ptc == passenger.ptc)?;
        let known = waiting.remove(at);
        let prices = offer.passenger_prices.iter_mut();
        for price in prices.filter(|price| price.passenger_id == passenger.id) {
            price.passenger_id.clone_from(&known.id);
        }
        passenger.id.clone_from(&known.id);
    }
    passenger::matched(&offer, &order.state.passengers)?;
    offer.included_baggage.clear();
    offer.services.clear();
    Some(offer)
}

/// Whether an offer may take the place of what the airline changed: sold by the same carrier, between the same cities, in the
/// same cabins, and not too far from the days that were booked.
fn is_alternative(order: &Order, offer: &Offer) -> bool {
    let Some(old) = order.state.offer.as_ref().filter(|_| order.is_set_free()) else {
        return false;
    };
    let alike = |(old, new): (&Slice, &Slice)| {
        let cabins = |slice: &Slice| -> Vec<i32> {
            let mut cabins: Vec<i32> = slice.segments.iter().map(|s| s.cabin).collect();
            cabins.sort_unstable();
            cabins.dedup();
            cabins
        };
        let leaves = |slice: &Slice| Some(slice.segments.first()?.departure.as_ref()?.utc_us);
        let moved = leaves(old).zip(leaves(new));
        same_city(
            (&old.origin, &old.origin_city),
            (&new.origin, &new.origin_city),
        ) && same_city(
            (&old.destination, &old.destination_city),
            (&new.destination, &new.destination_city),
        ) && cabins(old) == cabins(new)
            && moved
                .is_some_and(|(old, new)| old.abs_diff(new) <= ALTERNATIVE_WITHIN_US.unsigned_abs())
    };
    old.owner == offer.owner
        && old.slices.len() == offer.slices.len()
        && old.slices.iter().zip(&offer.slices).all(alike)
}

/// Whether two airports, each with the metropolitan area that it serves or none, are one or serve one city.
fn same_city(old: (&str, &str), new: (&str, &str)) -> bool {
    old.0 == new.0 || (old.1 == new.1 && !old.1.is_empty())
}

/// Sells an offer at the price and on the conditions that the order has.
fn keep_price(order: &Order, offer: &mut Offer) {
    let Some(old) = &order.state.offer else {
        return;
    };
    offer.price.clone_from(&old.price);
    offer.passenger_prices.clone_from(&old.passenger_prices);
    offer.conditions.clone_from(&old.conditions);
    offer.fare_brand.clone_from(&old.fare_brand);
    offer.fare_id.clone_from(&old.fare_id);
    offer.account_code.clone_from(&old.account_code);
}

/// Begins a quoted change: the seats of the new journey are held next. A payment is there exactly when something is collected.
pub fn confirm(
    order: &Order,
    quoted: &pb::OrderChange,
    payment: Option<pb::PaymentInstruction>,
    now_us: i64,
) -> Result<Change, Refusal> {
    if quoted.status() != OrderChangeStatus::Quoted {
        return Err(Refusal::InvalidState);
    }
    let offer = quoted.offer.clone().ok_or(Refusal::PriceBroken)?;
    if quoted.expires_at_us <= now_us || offer.expires_at_us <= now_us {
        return Err(Refusal::QuoteExpired);
    }
    let now = quote(order, offer, quoted.id.clone(), now_us)?;
    if terms(&now) != terms(quoted) {
        return Err(Refusal::QuoteExpired);
    }
    let wrong = match (&quoted.add_collect, &payment) {
        (Some(due), Some(payment)) => payment.amount.as_ref().is_some_and(|given| given != due),
        (None, None) => false,
        // Less than is due, or more.
        (Some(_), None) | (None, Some(_)) => true,
    };
    if wrong {
        return Err(Refusal::AmountMismatch);
    }
    let payment = payment.unwrap_or_default();
    let method = match payment.method() {
        PaymentMethod::Unspecified => PaymentMethod::Card,
        method => method,
    };
    let mut change = Change::of(order, now_us);
    change.order.step = Step::HoldNewSeats;
    change.order.method_token = payment.method_token;
    change.order.change = Some(pb::OrderChange {
        status: OrderChangeStatus::Pending.into(),
        confirmed_at_us: Some(now_us),
        payment_id: payment.payment_id,
        method: method.into(),
        returned_hold_id: order.hold_id(),
        ..quoted.clone()
    });
    Ok(change)
}

/// What an owner has agreed to.
fn terms(change: &pb::OrderChange) -> [&Option<Money>; 6] {
    [
        &change.old_total,
        &change.new_total,
        &change.penalty,
        &change.forfeited,
        &change.add_collect,
        &change.refund,
    ]
}

/// What its owner sees at this time; `order` is the one that it changes.
pub fn as_of(change: &pb::OrderChange, order: &pb::Order, now_us: i64) -> pb::OrderChange {
    let mut view = change.clone();
    if view.status() == OrderChangeStatus::Quoted && view.expires_at_us <= now_us {
        view.set_status(OrderChangeStatus::Expired);
    }
    view.refund_status = refund::status_of(order, &[&change.id]).to_owned();
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn airports_of_one_city_stand_for_each_other() {
        for (old, new, alike) in [
            (("LHR", "LON"), ("LHR", "LON"), true),
            (("LHR", "LON"), ("LGW", "LON"), true),
            // As it was kept before cities were told.
            (("LHR", ""), ("LHR", "LON"), true),
            (("LHR", ""), ("LGW", "LON"), false),
            (("NCE", ""), ("MRS", ""), false),
            (("JFK", "NYC"), ("BOS", "BOS"), false),
        ] {
            assert_eq!(same_city(old, new), alike, "{old:?} {new:?}");
        }
    }
}
