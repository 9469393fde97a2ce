//! Fares by distance, booking class, how early one books, season of the week, carrier and market; and the carrier's surcharge.
//!
//! No open data holds real fares, so these are synthetic: shaped like real ones, the same for the same question.

use super::super::classes;
use super::super::draw;
use super::super::times::{self, Day, Moment};
use super::super::world::World;
use super::tariff::{MICRO, Tariff};
use super::{Levy, Sold};
use crate::rpc::flights::v1::Ptc;

/// The reference fare, one way in US cents: what the first kilometre costs, then by kilometre up to each distance.
const FLAG_FALL: i64 = 2_500;
const BY_DISTANCE: [(i64, i64); 5] = [(500, 9), (1500, 6), (4000, 5), (8000, 4), (25_000, 3)];
/// From this many days before departure on, the fare is multiplied by so many thousandths.
const BY_ADVANCE: [(Day, i64); 6] = [
    (60, 880),
    (30, 940),
    (14, 1000),
    (7, 1130),
    (3, 1300),
    (i32::MIN, 1500),
];
/// Thousandths, Monday first.
const BY_WEEKDAY: [i64; 7] = [1000, 930, 940, 990, 1080, 970, 1070];
/// Thousandths for a journey with a connection.
const CONNECTING: i64 = 950;
/// How far carriers, markets and single flights lie apart, in thousandths around a thousand.
const CARRIER_SPREAD: u64 = 240;
const MARKET_SPREAD: u64 = 200;
const FLIGHT_SPREAD: u64 = 120;

/// Below this many kilometres a premium cabin is little more than a wider seat.
const SHORT_KM: i64 = 3500;

const SURCHARGE: Levy = Levy {
    code: "YQ",
    name: "Carrier surcharge",
    country: "",
};
/// Up to each distance in km, US cents a slice.
const SURCHARGES: [(u16, i64); 4] = [(800, 600), (1500, 1_400), (4000, 3_500), (u16::MAX, 9_500)];

/// The fare of an adult for one slice; `None` when it does not fit 64 bits.
pub fn adult(world: &World, sold: &Sold, as_of: Moment, tariff: &Tariff) -> Option<i64> {
    let itinerary = &sold.itinerary;
    let (origin, destination) = (itinerary.origin(world), itinerary.destination(world));
    let km = if itinerary.connects() {
        world.distance_km(origin, destination)
    } else {
        world.flight(itinerary.first().flight).distance_km
    };
    let today = times::local_day(&world.airport(origin).zone, as_of);
    let ends = [world.airport(origin).code, world.airport(destination).code];
    let market = [
        ends[0].min(ends[1]).as_bytes(),
        ends[0].max(ends[1]).as_bytes(),
    ];
    let first = world.flight(itinerary.first().flight);
    let carrier = world.airline(first.carrier).code.as_bytes();
    let shares = [
        class_share(world, sold),
        advance_share(itinerary.first().day - today),
        BY_WEEKDAY[usize::from(times::weekday(itinerary.first().day))],
        if itinerary.connects() {
            CONNECTING
        } else {
            1000
        },
        spread(&[b"carrier", carrier], CARRIER_SPREAD),
        spread(&[b"market", market[0], market[1]], MARKET_SPREAD),
        spread(
            &[b"flight", carrier, &first.number.to_be_bytes()],
            FLIGHT_SPREAD,
        ),
    ];
    let reference = i128::from(reference_cents(i64::from(km))) * MICRO;
    let micro_cents = shares.iter().try_fold(reference, |fare, &share| {
        Some(fare.checked_mul(i128::from(share))? / 1000)
    })?;
    tariff.fare(micro_cents)
}

/// The fare of a passenger, from that of an adult.
pub fn of_passenger(adult: i64, ptc: Ptc, tariff: &Tariff) -> Option<i64> {
    match ptc {
        Ptc::Adt | Ptc::Unspecified => Some(adult),
        Ptc::Chd | Ptc::Ins => tariff.fare_share(adult, 750),
        Ptc::Inf => tariff.fare_share(adult, 100),
    }
}

/// What the carrier adds for one slice; infants on a lap do not pay it.
pub fn surcharge(
    world: &World,
    sold: &Sold,
    ptc: Ptc,
    tariff: &Tariff,
    mut take: impl FnMut(Levy, i64),
) -> Option<()> {
    if ptc == Ptc::Inf {
        return Some(());
    }
    let km = sold
        .itinerary
        .flights(world)
        .map(|flight| flight.distance_km)
        .max()
        .unwrap_or(0);
    let cents = SURCHARGES
        .iter()
        .find(|(end, _)| km <= *end)
        .map_or(0, |&(_, cents)| cents);
    take(SURCHARGE, tariff.charge(cents)?);
    Some(())
}

/// The fare basis of a leg: class, one-way or return, brand, and the country of sale; eight characters.
pub fn basis(class: u8, slices: usize, brand: classes::Brand, country: &str) -> String {
    let journey = if slices == 2 { "RT" } else { "OW" };
    let brand = match brand {
        classes::Brand::Basic => "BSC",
        classes::Brand::Standard => "STD",
        classes::Brand::Flex => "FLX",
    };
    format!("{}{journey}{brand}{country}", classes::letter(class))
}

fn reference_cents(km: i64) -> i64 {
    let (mut cents, mut from) = (FLAG_FALL, 0);
    for (end, rate) in BY_DISTANCE {
        cents += (km.min(end) - from).max(0) * rate;
        from = end;
    }
    cents
}

/// The shares of the classes, weighed by the distance on which each is flown.
fn class_share(world: &World, sold: &Sold) -> i64 {
    let mut weighed = (0, 0);
    for (flight, &class) in sold.itinerary.flights(world).zip(&sold.classes) {
        let km = i64::from(flight.distance_km.max(1));
        // A premium cabin on a short stage is a wider economy seat, and priced nearer to it.
        let share = match classes::fare_share(class) {
            share if classes::cabin_of(class) > 0 && km < SHORT_KM => share * 7 / 10,
            share => share,
        };
        weighed = (weighed.0 + share * km, weighed.1 + km);
    }
    weighed.0 / weighed.1.max(1)
}

fn advance_share(days: Day) -> i64 {
    BY_ADVANCE
        .iter()
        .find(|(from, _)| days >= *from)
        .map_or(1000, |&(_, share)| share)
}

fn spread(name: &[&[u8]], width: u64) -> i64 {
    let drawn = draw::below(name, width + 1);
    1000 + i64::try_from(drawn).expect("below the width")
        - i64::try_from(width / 2).expect("a small constant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_fares_grow_with_distance_and_fall_by_kilometre() {
        for (km, cents) in [
            (0, 2_500),
            (500, 7_000),
            (1500, 13_000),
            (5540, 31_660),
            (10_000, 47_500),
        ] {
            assert_eq!(reference_cents(km), cents, "{km} km");
        }
    }

    #[test]
    fn late_bookings_cost_more() {
        for (days, share) in [
            (300, 880),
            (60, 880),
            (59, 940),
            (14, 1000),
            (3, 1300),
            (2, 1500),
            (0, 1500),
            (-1, 1500),
        ] {
            assert_eq!(advance_share(days), share, "{days} days");
        }
        assert!((0..500_u32).all(|n| (900..=1100).contains(&spread(&[&n.to_be_bytes()], 200))));
    }

    #[test]
    fn a_fare_basis_has_eight_characters() {
        assert_eq!(basis(16, 2, classes::Brand::Basic, "GB"), "VRTBSCGB");
    }
}
