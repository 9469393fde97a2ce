//! Journeys, passengers and conditions in the older shape: local times without their zone, kinds of passengers in words, and
//! whether a slice may be changed.

use crate::api::public_v1::types;
use crate::edge::itinerary::{aircraft, cabin};
use crate::edge::money::small;
use crate::rpc::flights::v1 as flights;

use super::amount;

/// A journey, and whether it may be changed.
pub fn slices(slices: Vec<flights::Slice>, changeable: bool) -> Vec<types::Slice> {
    let told = |slice: flights::Slice| types::Slice {
        id: slice.id,
        origin: slice.origin,
        destination: slice.destination,
        duration_minutes: small(slice.duration_minutes),
        changeable,
        segments: slice.segments.into_iter().map(segment).collect(),
    };
    slices.into_iter().map(told).collect()
}

fn segment(segment: flights::Segment) -> types::Segment {
    let cabin = cabin(segment.cabin()).to_owned();
    let departure = segment.departure.unwrap_or_default();
    let arrival = segment.arrival.unwrap_or_default();
    types::Segment {
        id: segment.id,
        carrier: segment.carrier,
        flight_number: small(segment.number),
        origin: departure.airport,
        destination: arrival.airport,
        departing_at: departure.local,
        arriving_at: arrival.local,
        duration_minutes: small(segment.duration_minutes),
        distance_km: small(segment.distance_km),
        aircraft: aircraft(segment.equipment, segment.equipment_name),
        cabin,
        booking_class: segment.booking_class,
        fare_basis: segment.fare_basis,
        seats_left: small(segment.seats_left),
    }
}

/// Whether the fare lets a journey be changed.
pub fn changeable(conditions: Option<&flights::Conditions>) -> bool {
    conditions
        .and_then(|conditions| conditions.change_before_departure.as_ref())
        .is_some_and(|change| change.allowed)
}

/// A kind of passenger in words.
pub fn kind(ptc: flights::Ptc) -> &'static str {
    match ptc {
        flights::Ptc::Unspecified | flights::Ptc::Adt => "adult",
        flights::Ptc::Chd => "child",
        flights::Ptc::Inf => "infant",
        flights::Ptc::Ins => "infant_with_seat",
    }
}

/// A kind of passenger as it is asked for.
pub fn kind_asked(input: types::PassengerInput) -> flights::PassengerQuery {
    let ptc = match input.r#type {
        types::PassengerKindInput::Adult => flights::Ptc::Adt,
        types::PassengerKindInput::Child => flights::Ptc::Chd,
        types::PassengerKindInput::Infant => flights::Ptc::Inf,
    };
    flights::PassengerQuery {
        ptc: ptc.into(),
        age: None,
    }
}

/// Who travels, as the search was told.
pub fn passenger(passenger: &flights::Passenger) -> types::OfferPassenger {
    types::OfferPassenger {
        id: passenger.id.clone(),
        r#type: kind(passenger.ptc()).to_owned(),
    }
}

/// What may be changed and given back, and what is kept then.
pub fn conditions(conditions: Option<flights::Conditions>) -> types::Conditions {
    let conditions = conditions.unwrap_or_default();
    types::Conditions {
        refund_before_departure: condition(conditions.refund_before_departure),
        change_before_departure: condition(conditions.change_before_departure),
    }
}

fn condition(condition: Option<flights::Condition>) -> types::Condition {
    let condition = condition.unwrap_or_default();
    let penalty = condition
        .penalty
        .map(|penalty| amount::split(Some(&penalty)));
    let (penalty_amount, penalty_currency) = penalty.unzip();
    types::Condition {
        allowed: condition.allowed,
        penalty_amount,
        penalty_currency,
    }
}
