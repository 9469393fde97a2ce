//! Journeys and their prices as the contracts write them.

use crate::api::shared as types;
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;

use super::call::filled;
use super::money::{money, small};

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
        aircraft: aircraft(segment.equipment, segment.equipment_name),
        cabin,
        booking_class: segment.booking_class,
        fare_basis: segment.fare_basis,
        seats_left: small(segment.seats_left),
    }
}

/// What flies.
pub fn aircraft(code: String, name: String) -> types::Aircraft {
    types::Aircraft { code, name }
}

/// How a flight is planned, in a word.
pub fn flight_status(status: flights::FlightStatus) -> &'static str {
    match status {
        flights::FlightStatus::Unspecified | flights::FlightStatus::Scheduled => "scheduled",
        flights::FlightStatus::Retimed => "retimed",
        flights::FlightStatus::Cancelled => "cancelled",
    }
}

/// A moment at an airport.
pub fn flight_time(time: Option<flights::PlaceTime>) -> types::FlightTime {
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

/// What each passenger costs.
pub fn passenger_prices(all: Vec<flights::PassengerPrice>) -> Vec<types::PassengerPrice> {
    let told = |one: flights::PassengerPrice| types::PassengerPrice {
        passenger_id: one.passenger_id,
        price: price(one.price),
    };
    all.into_iter().map(told).collect()
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

/// Who travels, as a search is told.
pub fn passenger_query(input: types::PassengerInput) -> flights::PassengerQuery {
    let ptc = input.ptc.map(ptc_asked).unwrap_or_default();
    flights::PassengerQuery {
        ptc: ptc.into(),
        age: input.age.and_then(|age| u32::try_from(age).ok()),
    }
}

/// A passenger type that is asked for.
pub fn ptc_asked(input: types::PassengerTypeInput) -> flights::Ptc {
    match input {
        types::PassengerTypeInput::Adt => flights::Ptc::Adt,
        types::PassengerTypeInput::Chd => flights::Ptc::Chd,
        types::PassengerTypeInput::Inf => flights::Ptc::Inf,
        types::PassengerTypeInput::Ins => flights::Ptc::Ins,
    }
}

/// A cabin that is asked for.
pub fn cabin_asked(input: types::CabinInput) -> flights::Cabin {
    match input {
        types::CabinInput::Economy => flights::Cabin::Economy,
        types::CabinInput::PremiumEconomy => flights::Cabin::PremiumEconomy,
        types::CabinInput::Business => flights::Cabin::Business,
        types::CabinInput::First => flights::Cabin::First,
    }
}

/// Why there are no offers, or fewer.
pub fn warning(warning: flights::Warning) -> types::Warning {
    types::Warning {
        code: warning.code,
        detail: warning.detail,
        slice: warning.slice.map(small),
    }
}
