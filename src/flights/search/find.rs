//! Every sensible way from some airports to others on a day: non-stop, and with one connection.
//!
//! Connections keep the minimum connecting time, do not wait all day, do not go far out of the way, and stay with one carrier
//! or its partners.

use super::super::itinerary::{Itinerary, Leg};
use super::super::overlay::{Overlay, Plans};
use super::super::price::Sold;
use super::super::times::{self, Day, LocalDay, Moment};
use super::super::world::{AirportIndex, FlightIndex, Route, World};

/// Minutes before departure at which a flight is closed for sale.
const CLOSING: Moment = 60;
/// Minimum connecting times in minutes: between domestic flights, between international ones, from one kind to the other.
const CONNECT_DOMESTIC: Moment = 45;
const CONNECT_INTERNATIONAL: Moment = 60;
const CONNECT_MIXED: Moment = 75;
/// The longest wait between two flights.
const CONNECT_MAX: Moment = 7 * 60;
/// A connection may be this much longer than the direct way: thousandths of it, and kilometres on top.
const DETOUR: u32 = 1350;
const DETOUR_KM: u32 = 400;
/// Minutes between landing on one slice and leaving on the next.
pub const BETWEEN_SLICES: Moment = 60;
/// Where there is a non-stop flight, a connection may take this many minutes longer.
const SLOWER_MAX: Moment = 6 * 60;
/// Onward flights that are looked at for each first flight: later ones only wait longer.
const ONWARD: usize = 2;
/// Connections of a slice that are priced: the quickest.
const CONNECTIONS: usize = 150;

/// Whether a flight may still be sold.
pub fn on_sale(departs: Moment, now: Moment) -> bool {
    departs >= now + CLOSING
}

/// The flights of the local day, by departure at each airport of origin.
pub fn non_stop(
    world: &World,
    overlay: &Overlay,
    from: &[AirportIndex],
    to: &[AirportIndex],
    day: Day,
    now: Moment,
) -> Vec<Leg> {
    let mut found = Vec::new();
    let plans = overlay.plans_on(day);
    for &origin in from {
        let local = LocalDay::new(&world.airport(origin).zone, day);
        for &destination in to.iter().filter(|&&destination| destination != origin) {
            if let Some(route) = world.route(origin, destination) {
                found.extend(departures(world, plans, route, &local, now));
            }
        }
    }
    found
}

/// Whether one who is sold these slices can catch every flight of them.
pub fn flyable(world: &World, slices: &[Sold]) -> bool {
    let within = |sold: &Sold| {
        let (first, last) = (sold.itinerary.first(), sold.itinerary.last());
        !sold.itinerary.connects()
            || last.departs - first.arrives >= minimum(world, first.flight, last.flight)
    };
    let between =
        |pair: &[Sold]| pair[1].itinerary.departs() >= pair[0].itinerary.arrives() + BETWEEN_SLICES;
    slices.iter().all(within) && slices.windows(2).all(between)
}

/// Whether a slice may go on with the next flight: from where and soon after it landed, but not back.
pub fn goes_on(world: &World, first: &Leg, next: &Leg) -> bool {
    let (from, to) = (world.flight(first.flight), world.flight(next.flight));
    let wait = next.departs - first.arrives;
    from.destination == to.origin
        && from.origin != to.destination
        && (minimum(world, first.flight, next.flight)..=CONNECT_MAX).contains(&wait)
}

/// The minimum connecting time between two flights.
fn minimum(world: &World, first: FlightIndex, second: FlightIndex) -> Moment {
    let domestic = |flight: FlightIndex| {
        let flight = world.flight(flight);
        world.domestic(flight.origin, flight.destination)
    };
    match (domestic(first), domestic(second)) {
        (true, true) => CONNECT_DOMESTIC,
        (false, false) => CONNECT_INTERNATIONAL,
        (true, false) | (false, true) => CONNECT_MIXED,
    }
}

/// The itineraries that depart on the local day, non-stop ones first.
pub fn itineraries(
    world: &World,
    overlay: &Overlay,
    from: &[AirportIndex],
    to: &[AirportIndex],
    day: Day,
    connections: bool,
    now: Moment,
) -> Vec<Itinerary> {
    let direct = non_stop(world, overlay, from, to, day, now);
    let mut found: Vec<_> = direct.into_iter().map(Itinerary::direct).collect();
    let mut connecting = Vec::new();
    for &origin in from.iter().filter(|_| connections) {
        let local = LocalDay::new(&world.airport(origin).zone, day);
        for &destination in to.iter().filter(|&&destination| destination != origin) {
            let ends = (origin, destination);
            connect(world, overlay, ends, &local, now, &mut connecting);
        }
    }
    let duration = |itinerary: &Itinerary| {
        (
            itinerary.arrives() - itinerary.departs(),
            itinerary.departs(),
            itinerary.first().flight,
            itinerary.last().flight,
        )
    };
    if let Some(fastest) = found.iter().map(|direct| duration(direct).0).min() {
        connecting.retain(|itinerary| duration(itinerary).0 <= fastest + SLOWER_MAX);
    }
    if connecting.len() > CONNECTIONS {
        connecting.select_nth_unstable_by_key(CONNECTIONS, duration);
        connecting.truncate(CONNECTIONS);
    }
    connecting.sort_unstable_by_key(duration);
    found.append(&mut connecting);
    found
}

/// The flights of a route on a day that are still on sale.
fn departures<'a>(
    world: &'a World,
    plans: Plans<'a>,
    route: &Route,
    day: &'a LocalDay<'a>,
    now: Moment,
) -> impl Iterator<Item = Leg> + 'a {
    route
        .flights()
        .filter(|&flight| world.flight(flight).operates(day.day()))
        .filter_map(move |flight| plans.flown(Leg::new(world, flight, day)))
        .filter(move |leg| on_sale(leg.departs, now))
}

fn connect(
    world: &World,
    overlay: &Overlay,
    (origin, destination): (AirportIndex, AirportIndex),
    day: &LocalDay<'_>,
    now: Moment,
    found: &mut Vec<Itinerary>,
) {
    let direct = u32::from(world.distance_km(origin, destination));
    let longest = direct * DETOUR / 1000 + DETOUR_KM;
    let domestic = world.domestic(origin, destination);
    let plans = overlay.plans_on(day.day());
    for first in world.routes_from(origin) {
        let hub = first.destination;
        // No carrier may sell a domestic journey by way of another country.
        if domestic && !world.domestic(origin, hub) {
            continue;
        }
        let Some(second) = world.route(hub, destination) else {
            continue;
        };
        if u32::from(first.distance_km) + u32::from(second.distance_km) > longest {
            continue;
        }
        let minimum = minimum(world, first.first(), second.first());
        let zone = &world.airport(hub).zone;
        let mut days = Vec::<LocalDay<'_>>::with_capacity(4);
        for leg in departures(world, plans, first, day, now) {
            let carrier = world.flight(leg.flight).carrier;
            let arrival = times::local_day(zone, leg.arrives);
            let mut onward = 0;
            for day in [arrival, arrival + 1] {
                let local = match days.iter().find(|known| known.day() == day) {
                    Some(known) => *known,
                    None => {
                        days.push(LocalDay::new(zone, day));
                        days[days.len() - 1]
                    }
                };
                let onward_plans = overlay.plans_on(day);
                for flight in second.flights() {
                    let pattern = world.flight(flight);
                    if onward == ONWARD
                        || !pattern.operates(day)
                        || !world.partners(carrier, pattern.carrier)
                    {
                        continue;
                    }
                    let Some(next) = onward_plans.flown(Leg::new(world, flight, &local)) else {
                        continue;
                    };
                    if (minimum..=CONNECT_MAX).contains(&(next.departs - leg.arrives)) {
                        found.push(Itinerary::connecting(leg, next));
                        onward += 1;
                    }
                }
            }
        }
    }
}
