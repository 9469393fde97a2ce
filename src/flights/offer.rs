//! Makes the offer that a caller sees from what was chosen: segments, times, prices a passenger, conditions, digest.
//!
//! The same choice at the same time of pricing gives the same offer, whether it was just found or is read back from its id.

use sha2::{Digest, Sha256};

use super::classes::{self, Brand};
use super::control::SEATS_SHOWN;
use super::overlay::Overlay;
use super::price::tariff::Tariff;
use super::price::{self, FARE_VERSION, Price, Sold};
use super::times::{self, Moment};
use super::token;
use super::world::World;
use super::{Error, equipment, itinerary, services};
use crate::kernel::clock::{DAY_US, HOUR_US, MINUTE_US};
use crate::kernel::id::{self, PassengerId, SegmentId, SliceId};
use crate::rpc::common::v1::Money;
use crate::rpc::flights::v1 as rpc;

/// How long an offer request and its offers stand, and how long a bound price does.
pub const LIFETIME_US: i64 = 30 * MINUTE_US;
/// An offer may be held without payment when it departs so much later, and must be paid after so long.
const HOLD_FROM_US: i64 = 3 * DAY_US;
const HOLD_US: i64 = 24 * HOUR_US;
/// What a passenger may travel on: abroad, and within a country.
const DOCUMENTS_ABROAD: [&str; 1] = ["passport"];
const DOCUMENTS_AT_HOME: [&str; 2] = ["identity_card", "passport"];

/// What an offer is made of.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The request that it answers.
    pub request: &'a token::Request,
    /// Its fare brand.
    pub brand: Brand,
    /// The flights and classes of each slice.
    pub slices: &'a [Sold],
    /// When its prices are worked out, in microseconds since 1970.
    pub priced_us: i64,
    /// When it ceases to be.
    pub expires_us: i64,
    /// Whether its price is bound until then.
    pub bound: bool,
    /// Tells it from any other offer.
    pub nonce: token::Nonce,
    /// The negotiated fare that makes its price; `None` for a published one.
    pub grant: Option<&'a token::Grant>,
}

/// The offer, still without the ids that are signed.
///
/// # Errors
/// [`Error::Amount`] when a price does not fit 64 bits.
pub fn render(world: &World, overlay: &Overlay, draft: &Draft<'_>) -> Result<rpc::Offer, Error> {
    let first = &draft.slices.first().ok_or(Error::NotFound)?.itinerary;
    let origin = world.country_of(first.origin(world));
    let discount = draft.grant.map_or(0, |grant| grant.discount);
    let tariff = Tariff::of(origin).discounted(discount);
    let as_of = times::moment_of_us(draft.priced_us);
    let prices = passenger_prices(world, draft, as_of, &tariff)?;
    let mut whole = Price::default();
    for price in &prices {
        whole.add(price).ok_or(Error::Amount)?;
    }
    let slices = (0_u8..)
        .zip(draft.slices)
        .map(|(n, sold)| slice(world, overlay, draft, n, sold, origin.code));
    let passengers = passengers(draft.request);
    let owner = world.airline(first.carrier(world));
    let holdable = draft.brand != Brand::Basic
        && times::us(first.departs()) >= draft.request.created_us + HOLD_FROM_US;
    Ok(rpc::Offer {
        fare_id: draft
            .grant
            .map_or(String::new(), |grant| grant.fare_id.clone()),
        account_code: draft
            .grant
            .map_or(String::new(), |grant| grant.account_code.clone()),
        document_types: document_types(world, draft.slices),
        id: String::new(),
        offer_request_id: String::new(),
        nonce: draft.nonce.to_vec(),
        created_at_us: draft.request.created_us,
        expires_at_us: draft.expires_us,
        price_guaranteed_until_us: draft.bound.then_some(draft.expires_us),
        owner: owner.code.to_owned(),
        owner_accounting_code: owner.accounting.to_owned(),
        fare_brand: draft.brand.name().to_owned(),
        slices: slices.collect(),
        price: Some(wire_price(&whole, &tariff)?),
        passenger_prices: passengers
            .iter()
            .zip(&prices)
            .map(|(passenger, price)| {
                Ok(rpc::PassengerPrice {
                    passenger_id: passenger.id.clone(),
                    price: Some(wire_price(price, &tariff)?),
                })
            })
            .collect::<Result<_, Error>>()?,
        passengers,
        conditions: Some(conditions(world, draft, &whole, &tariff)?),
        hold_allowed: holdable,
        payment_required_by_us: holdable.then_some(draft.request.created_us + HOLD_US),
        snapshot: snapshot(world, draft, &tariff, &prices).to_vec(),
        included_baggage: services::included(draft),
        services: services::offered(world, draft, &tariff)?,
    })
}

/// The passengers of a request and of all offers that answer it.
pub fn passengers(request: &token::Request) -> Vec<rpc::Passenger> {
    (0_u8..)
        .zip(&request.query.passengers)
        .map(|(n, passenger)| rpc::Passenger {
            id: derived(PassengerId::PREFIX, request.nonce, n),
            ptc: passenger.ptc.into(),
            age: passenger.age.map(u32::from),
        })
        .collect()
}

/// The legs of an offer as its token carries them.
pub fn legs(world: &World, slices: &[Sold]) -> Vec<Vec<token::Leg>> {
    let legs = |sold: &Sold| {
        let legs = sold.itinerary.legs().zip(sold.classes);
        legs.map(|(leg, class)| {
            let flight = world.flight(leg.flight);
            token::Leg {
                carrier: code(world.airline(flight.carrier).code),
                number: flight.number,
                origin: code(world.airport(flight.origin).code),
                destination: code(world.airport(flight.destination).code),
                day: leg.day,
                class,
            }
        })
        .collect()
    };
    slices.iter().map(legs).collect()
}

/// The flights that a token names; `None` when the timetable no longer has one of them.
pub fn resolve(world: &World, slices: &[Vec<token::Leg>]) -> Option<Vec<Sold>> {
    let leg = |leg: &token::Leg| {
        let carrier = world.find_airline(std::str::from_utf8(&leg.carrier).ok()?)?;
        let index = world.find_flight(carrier, leg.number)?;
        let flight = world.flight(index);
        let same = code::<3>(world.airport(flight.origin).code) == leg.origin
            && code::<3>(world.airport(flight.destination).code) == leg.destination;
        (same && flight.operates(leg.day)).then(|| itinerary::Leg::on(world, index, leg.day))
    };
    slices
        .iter()
        .map(|legs| match legs.as_slice() {
            [one] => Some(Sold {
                itinerary: itinerary::Itinerary::direct(leg(one)?),
                classes: [one.class, 0],
            }),
            [one, two] => Some(Sold {
                itinerary: itinerary::Itinerary::connecting(leg(one)?, leg(two)?),
                classes: [one.class, two.class],
            }),
            _ => None,
        })
        .collect()
}

/// What the passengers may travel on: an identity card where no border is crossed.
fn document_types(world: &World, slices: &[Sold]) -> Vec<String> {
    let country = |airport| world.airport(airport).country;
    let mut flights = slices.iter().flat_map(|sold| sold.itinerary.flights(world));
    let home = slices
        .first()
        .map(|sold| country(sold.itinerary.origin(world)));
    let at_home = flights.all(|flight| {
        [flight.origin, flight.destination].map(|airport| Some(country(airport))) == [home; 2]
    });
    let types: &[&str] = if at_home {
        &DOCUMENTS_AT_HOME
    } else {
        &DOCUMENTS_ABROAD
    };
    types.iter().map(|&kind| kind.to_owned()).collect()
}

/// An id that depends on nothing but the nonce and a position.
pub(super) fn derived(prefix: &str, nonce: token::Nonce, position: u8) -> String {
    let mut bytes = nonce;
    bytes[15] = position;
    format!("{prefix}{}", id::base32(bytes))
}

fn code<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    std::array::from_fn(|n| bytes.get(n).copied().unwrap_or(b' '))
}

fn passenger_prices(
    world: &World,
    draft: &Draft<'_>,
    as_of: Moment,
    tariff: &Tariff,
) -> Result<Vec<Price>, Error> {
    let query = &draft.request.query;
    let mut prices = Vec::<Price>::with_capacity(query.passengers.len());
    for (n, passenger) in query.passengers.iter().enumerate() {
        let same = query.passengers[..n]
            .iter()
            .position(|other| other.ptc == passenger.ptc);
        prices.push(match same {
            Some(same) => prices[same].clone(),
            None => price::of_passenger(world, draft.slices, passenger.ptc, as_of, tariff)
                .ok_or(Error::Amount)?,
        });
    }
    Ok(prices)
}

fn slice(
    world: &World,
    overlay: &Overlay,
    draft: &Draft<'_>,
    n: u8,
    sold: &Sold,
    country: &str,
) -> rpc::Slice {
    let itinerary = &sold.itinerary;
    let segments = (0_u8..)
        .zip(itinerary.legs().zip(sold.classes))
        .map(|(m, (leg, class))| {
            let flight = world.flight(leg.flight);
            let plan = overlay.record(leg.flight, leg.day).plan;
            let equipment = equipment::code(plan.configuration(flight));
            rpc::Segment {
                id: derived(SegmentId::PREFIX, draft.nonce, n * 2 + m),
                carrier: world.airline(flight.carrier).code.to_owned(),
                number: u32::from(flight.number),
                departure: Some(place_time(world, flight.origin, leg.departs)),
                arrival: Some(place_time(world, flight.destination, leg.arrives)),
                duration_minutes: minutes(leg.arrives - leg.departs),
                equipment: equipment.to_owned(),
                equipment_name: world.aircraft_name(equipment).to_owned(),
                cabin: equipment::cabin(classes::cabin_of(class)).into(),
                booking_class: classes::letter(class).to_string(),
                fare_basis: price::fare::basis(class, draft.slices.len(), draft.brand, country),
                seats_left: u32::from(
                    overlay
                        .available(world, leg.flight, leg.day, class)
                        .min(SEATS_SHOWN),
                ),
                distance_km: u32::from(flight.distance_km),
            }
        });
    let city = |airport| {
        let area = world.airport(airport).area;
        area.map_or(String::new(), |area| {
            world.areas()[usize::from(area)].code.to_owned()
        })
    };
    rpc::Slice {
        id: derived(SliceId::PREFIX, draft.nonce, n),
        origin: world.airport(itinerary.origin(world)).code.to_owned(),
        destination: world.airport(itinerary.destination(world)).code.to_owned(),
        origin_city: city(itinerary.origin(world)),
        destination_city: city(itinerary.destination(world)),
        duration_minutes: minutes(itinerary.arrives() - itinerary.departs()),
        segments: segments.collect(),
    }
}

/// A moment at an airport, told three ways.
pub fn place_time(world: &World, airport: u16, moment: Moment) -> rpc::PlaceTime {
    let airport = world.airport(airport);
    rpc::PlaceTime {
        airport: airport.code.to_owned(),
        local: times::local(&airport.zone, moment).to_string(),
        time_zone: airport.zone_name.to_owned(),
        utc_us: times::us(moment),
    }
}

/// A difference of moments that is not negative.
pub fn minutes(difference: Moment) -> u32 {
    u32::try_from(difference).unwrap_or(0)
}

fn wire_price(price: &Price, tariff: &Tariff) -> Result<rpc::Price, Error> {
    let charges = |levies: &[(price::Levy, i64)]| {
        let charge = |(levy, amount): &(price::Levy, i64)| rpc::Charge {
            code: levy.code.to_owned(),
            name: levy.name.to_owned(),
            country: levy.country.to_owned(),
            amount: Some(money(*amount, tariff)),
            ancillary: false,
        };
        levies.iter().map(charge).collect()
    };
    Ok(rpc::Price {
        total: Some(money(price.total().ok_or(Error::Amount)?, tariff)),
        base: Some(money(price.base, tariff)),
        taxes: charges(&price.taxes),
        fees: charges(&price.fees),
    })
}

pub(super) fn money(amount: i64, tariff: &Tariff) -> Money {
    Money {
        amount,
        currency: tariff.currency.code().to_owned(),
    }
}

fn conditions(
    world: &World,
    draft: &Draft<'_>,
    whole: &Price,
    tariff: &Tariff,
) -> Result<rpc::Conditions, Error> {
    let longest = draft
        .slices
        .iter()
        .flat_map(|sold| sold.itinerary.flights(world))
        .map(|flight| flight.distance_km);
    let penalties = price::penalty_cents(draft.brand, longest.max().unwrap_or(0));
    let condition = |cents: Option<i64>| -> Result<rpc::Condition, Error> {
        let Some(cents) = cents else {
            return Ok(rpc::Condition {
                allowed: false,
                penalty: None,
            });
        };
        let seats = i64::from(draft.request.query.seats());
        let kept = tariff
            .charge(cents)
            .and_then(|cents| cents.checked_mul(seats))
            .ok_or(Error::Amount)?;
        // No more is kept than the fare was.
        let kept = kept.min(whole.base);
        Ok(rpc::Condition {
            allowed: true,
            penalty: (kept > 0).then(|| money(kept, tariff)),
        })
    };
    Ok(rpc::Conditions {
        refund_before_departure: Some(condition(penalties.map(|(refund, _)| refund))?),
        change_before_departure: Some(condition(penalties.map(|(_, change)| change))?),
    })
}

/// SHA-256 of itinerary, classes and amounts.
fn snapshot(world: &World, draft: &Draft<'_>, tariff: &Tariff, prices: &[Price]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(FARE_VERSION.to_be_bytes());
    digest.update([draft.brand.byte()]);
    if let Some(grant) = draft.grant {
        digest.update(&grant.fare_id);
    }
    for leg in legs(world, draft.slices).into_iter().flatten() {
        digest.update(leg.carrier);
        digest.update(leg.number.to_be_bytes());
        digest.update(leg.origin);
        digest.update(leg.destination);
        digest.update(leg.day.to_be_bytes());
        digest.update([leg.class]);
    }
    digest.update(tariff.currency.code());
    for (price, passenger) in prices.iter().zip(&draft.request.query.passengers) {
        digest.update([price::ptc_byte(passenger.ptc)]);
        digest.update(price.base.to_be_bytes());
        for (levy, amount) in price.taxes.iter().chain(&price.fees) {
            digest.update(levy.code);
            digest.update(levy.country);
            digest.update(amount.to_be_bytes());
        }
    }
    digest.finalize().into()
}
