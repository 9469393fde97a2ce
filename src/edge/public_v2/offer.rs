//! Offers as the contract writes them.

use crate::api::public_v2::types;
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;

use super::{filled, money};

/// An offer.
pub fn offer(offer: flights::Offer) -> types::Offer {
    types::Offer {
        id: offer.id,
        offer_request_id: offer.offer_request_id,
        created_at: rfc3339(offer.created_at_us),
        expires_at: rfc3339(offer.expires_at_us),
        price_guaranteed_until: offer.price_guaranteed_until_us.map(rfc3339),
        validating_carrier: offer.owner,
        fare_brand: offer.fare_brand,
        slices: offer.slices.into_iter().map(slice).collect(),
        passengers: offer.passengers.iter().map(passenger).collect(),
        price: price(offer.price),
        passenger_prices: offer
            .passenger_prices
            .into_iter()
            .map(passenger_price)
            .collect(),
        conditions: conditions(offer.conditions),
        hold_allowed: offer.hold_allowed,
        payment_required_by: offer.payment_required_by_us.map(rfc3339),
        synthetic: true,
    }
}

/// One direction of a journey.
pub fn slice(slice: flights::Slice) -> types::Slice {
    types::Slice {
        id: slice.id,
        origin: slice.origin,
        destination: slice.destination,
        duration_minutes: small(slice.duration_minutes),
        segments: slice.segments.into_iter().map(segment).collect(),
    }
}

fn segment(segment: flights::Segment) -> types::Segment {
    let cabin = cabin(segment.cabin()).to_owned();
    types::Segment {
        id: segment.id,
        carrier: segment.carrier,
        flight_number: small(segment.number),
        departure: flight_time(segment.departure),
        arrival: flight_time(segment.arrival),
        duration_minutes: small(segment.duration_minutes),
        distance_km: small(segment.distance_km),
        aircraft: types::Aircraft {
            code: segment.equipment,
            name: segment.equipment_name,
        },
        cabin,
        booking_class: segment.booking_class,
        fare_basis: segment.fare_basis,
        seats_left: small(segment.seats_left),
    }
}

fn flight_time(time: Option<flights::PlaceTime>) -> types::FlightTime {
    let time = time.unwrap_or_default();
    types::FlightTime {
        airport: time.airport,
        local: time.local,
        time_zone: time.time_zone,
        utc: rfc3339(time.utc_us),
    }
}

/// Who travels, as the search was told.
pub fn passenger(passenger: &flights::Passenger) -> types::OfferPassenger {
    types::OfferPassenger {
        id: passenger.id.clone(),
        ptc: ptc(passenger.ptc()).to_owned(),
        age: passenger.age.map(small),
    }
}

/// A price and what it consists of.
pub fn price(price: Option<flights::Price>) -> types::Price {
    let price = price.unwrap_or_default();
    types::Price {
        total: money(price.total.as_ref()),
        base: money(price.base.as_ref()),
        taxes: price.taxes.into_iter().map(charge).collect(),
        fees: price.fees.into_iter().map(charge).collect(),
    }
}

fn charge(charge: flights::Charge) -> types::Charge {
    types::Charge {
        amount: money(charge.amount.as_ref()),
        code: charge.code,
        name: charge.name,
        country: filled(charge.country),
    }
}

/// What one passenger costs.
pub fn passenger_price(of: flights::PassengerPrice) -> types::PassengerPrice {
    types::PassengerPrice {
        passenger_id: of.passenger_id,
        price: price(of.price),
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
    types::Condition {
        allowed: condition.allowed,
        penalty: condition
            .penalty
            .as_ref()
            .map(|penalty| money(Some(penalty))),
    }
}

/// A passenger type by its code.
pub fn ptc(ptc: flights::Ptc) -> &'static str {
    match ptc {
        flights::Ptc::Unspecified | flights::Ptc::Adt => "ADT",
        flights::Ptc::Chd => "CHD",
        flights::Ptc::Inf => "INF",
        flights::Ptc::Ins => "INS",
    }
}

/// A cabin by its name.
pub fn cabin(cabin: flights::Cabin) -> &'static str {
    match cabin {
        flights::Cabin::Unspecified | flights::Cabin::Economy => "economy",
        flights::Cabin::PremiumEconomy => "premium_economy",
        flights::Cabin::Business => "business",
        flights::Cabin::First => "first",
    }
}

/// A count that the contract bounds far below 2³¹.
pub fn small(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
