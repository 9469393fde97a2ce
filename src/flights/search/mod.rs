//! Search: from a query to the cheapest journeys. Pure: timetable, seats and time are passed in, and nothing is written.
//!
//! First all itineraries of each slice (`find`), then classes and prices for them and the cheapest combinations of slices
//! (`choose`). What cannot be found is explained by warnings, not refused.

mod choose;
mod find;
mod warning;

use std::sync::Arc;

pub use find::{flyable, goes_on, on_sale};
pub use warning::Warning;

use super::classes;
use super::itinerary::Leg;
use super::overlay::Overlay;
use super::price::Sold;
use super::price::tariff::Tariff;
use super::query::Query;
use super::times::{self, Day, Moment};
use super::token::Grant;
use super::world::{AirportIndex, World};

/// How far ahead flights are on sale.
const SALE_DAYS: Day = 355;

/// A journey that can be sold: one fare brand over all slices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its fare brand.
    pub brand: classes::Brand,
    /// In the order of the query.
    pub slices: Vec<Sold>,
    /// For all passengers, in minor units.
    pub total: i64,
    /// The negotiated fare that it is sold at; `None` for a published one.
    pub grant: Option<Arc<Grant>>,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Results {
    /// Cheapest first.
    pub found: Vec<Found>,
    /// Why there is not more.
    pub warnings: Vec<Warning>,
}

/// The cheapest journeys that an account can buy, at most `limit`.
///
/// A negotiated fare prices a journey when it covers every slice of it; the same journey at the published fare is found too.
pub fn search(
    world: &World,
    overlay: &Overlay,
    query: &Query,
    account: &str,
    now: Moment,
    limit: usize,
) -> Results {
    let ends = ends(world, query);
    let mut warnings = form_warnings(world, query, &ends, now);
    if !warnings.is_empty() {
        return Results {
            found: Vec::new(),
            warnings,
        };
    }
    let slices: Vec<_> = query
        .slices
        .iter()
        .zip(&ends)
        .map(|(slice, (from, to))| {
            let connections = query.max_connections > 0;
            find::itineraries(world, overlay, from, to, slice.day, connections, now)
        })
        .collect();
    let tariff = Tariff::of(world.country_of(ends[0].0[0]));
    let published = choose::Terms {
        world,
        overlay,
        query,
        now,
        tariff,
        fare: None,
    };
    let mut found = choose::cheapest(&published, &slices, limit);
    for (n, code) in query.account_codes.iter().enumerate() {
        let mut known = false;
        for fare in overlay.granted(code, account) {
            known = true;
            let negotiated = choose::Terms {
                tariff: tariff.discounted(fare.grant.discount),
                fare: Some(fare),
                ..published
            };
            found.append(&mut choose::cheapest(&negotiated, &slices, limit));
        }
        if !known {
            warnings.push(Warning::UnknownAccountCode(n));
        }
    }
    if !query.account_codes.is_empty() {
        choose::cut(&mut found, limit);
    }
    if found.is_empty() {
        let mut empty: Vec<_> = (0..)
            .zip(&slices)
            .filter(|(_, slice)| slice.is_empty())
            .map(|(n, _)| Warning::NoFlights(n))
            .collect();
        if empty.is_empty() {
            empty.push(Warning::NoFlights(0));
        }
        warnings.append(&mut empty);
    }
    Results { found, warnings }
}

/// The flights between the two places of the one slice of a query, by departure, and why there are not more.
pub fn non_stop(
    world: &World,
    overlay: &Overlay,
    query: &Query,
    now: Moment,
) -> (Vec<Leg>, Vec<Warning>) {
    let ends = ends(world, query);
    let mut warnings = form_warnings(world, query, &ends, now);
    let (Some(slice), Some((from, to))) = (query.slices.first(), ends.first()) else {
        return (Vec::new(), warnings);
    };
    if !warnings.is_empty() {
        return (Vec::new(), warnings);
    }
    let mut legs = find::non_stop(world, overlay, from, to, slice.day, now);
    legs.sort_unstable_by_key(|leg| (leg.departs, leg.flight));
    if legs.is_empty() {
        warnings.push(Warning::NoFlights(0));
    }
    (legs, warnings)
}

type Ends = (Vec<AirportIndex>, Vec<AirportIndex>);

/// The airports at both ends of each slice.
fn ends(world: &World, query: &Query) -> Vec<Ends> {
    query
        .slices
        .iter()
        .map(|slice| {
            (
                world.airports_of(slice.origin()),
                world.airports_of(slice.destination()),
            )
        })
        .collect()
}

fn form_warnings(world: &World, query: &Query, ends: &[Ends], now: Moment) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut last = Day::MIN;
    for (n, (slice, (from, to))) in query.slices.iter().zip(ends).enumerate() {
        let (Some(&first), Some(_)) = (from.first(), to.first()) else {
            warnings.push(Warning::UnknownPlace(n));
            continue;
        };
        let today = times::local_day(&world.airport(first).zone, now);
        if from.iter().all(|airport| to.contains(airport))
            || to.iter().all(|airport| from.contains(airport))
        {
            warnings.push(Warning::SamePlace(n));
        } else if slice.day < today {
            warnings.push(Warning::PastDate(n));
        } else if slice.day < last {
            warnings.push(Warning::SlicesOutOfOrder(n));
        } else if slice.day > today + SALE_DAYS {
            warnings.push(Warning::TooFarAhead(n));
        }
        last = slice.day;
    }
    if !query.laps_suffice() {
        warnings.push(Warning::PassengersNotAllowed);
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::inventory::Counters;
    use super::super::itinerary::Itinerary;
    use super::super::overlay::Record;
    use super::super::query::{Passenger, Slice};
    use super::*;
    use crate::rpc::flights::v1::{Cabin, Ptc};

    fn now() -> Moment {
        times::moment_of_us(
            crate::kernel::clock::parse_rfc3339("2027-03-01T09:00:00Z").expect("a time"),
        )
    }

    /// `LHR-JFK 2027-03-15, JFK-LHR 2027-03-22`
    fn query(journey: &str, connections: u8) -> Query {
        let code = |text: &str| <[u8; 3]>::try_from(text.as_bytes()).expect("three letters");
        Query {
            slices: journey
                .split(", ")
                .map(|slice| {
                    let day = times::parse_day(&slice[8..]).expect("a day");
                    Slice::new(code(&slice[..3]), code(&slice[4..7]), day).expect("codes")
                })
                .collect(),
            passengers: vec![Passenger {
                ptc: Ptc::Adt,
                age: None,
            }],
            cabin: Cabin::Economy,
            max_connections: connections,
            account_codes: Vec::new(),
        }
    }

    fn world() -> World {
        World::load_carriers(&["BA", "AA", "VS", "IB", "AF", "KL", "JL", "NZ", "UA", "QF"])
            .expect("well-formed")
    }

    #[test]
    fn what_cannot_be_found_is_explained() {
        let world = world();
        for (journey, warning) in [
            ("LHR-JFK 2027-02-28", Warning::PastDate(0)),
            ("LHR-JFK 0001-01-01", Warning::PastDate(0)),
            ("LHR-JFK 9999-12-31", Warning::TooFarAhead(0)),
            ("LHR-XXX 2027-03-15", Warning::UnknownPlace(0)),
            ("LON-LHR 2027-03-15", Warning::SamePlace(0)),
            ("LHR-LHR 2027-03-15", Warning::SamePlace(0)),
            ("LHR-LGW 2027-03-15", Warning::NoFlights(0)),
            (
                "LHR-JFK 2027-03-15, JFK-LHR 2027-03-14",
                Warning::SlicesOutOfOrder(1),
            ),
        ] {
            let results = search(
                &world,
                &Overlay::default(),
                &query(journey, 0),
                "",
                now(),
                10,
            );
            assert_eq!(
                (results.found.len(), results.warnings),
                (0, vec![warning]),
                "{journey}"
            );
        }
        let mut infants = query("LHR-JFK 2027-03-15", 0);
        infants.passengers = vec![Passenger {
            ptc: Ptc::Inf,
            age: Some(1),
        }];
        let results = search(&world, &Overlay::default(), &infants, "", now(), 10);
        assert_eq!(results.warnings, [Warning::PassengersNotAllowed]);
    }

    #[test]
    fn journeys_come_cheapest_first_and_go_where_they_should() {
        let world = world();
        for (journey, connections) in [
            ("LHR-JFK 2027-03-15", 0),
            ("LON-NYC 2027-03-15, NYC-LON 2027-03-22", 0),
            ("EDI-MIA 2027-03-15", 1),
            (
                "LHR-JFK 2027-03-15, JFK-LAX 2027-03-18, LAX-LHR 2027-03-21",
                1,
            ),
            ("AKL-SFO 2027-03-20", 0),
        ] {
            let query = query(journey, connections);
            let results = search(&world, &Overlay::default(), &query, "", now(), 40);
            assert!(results.found.len() > 5, "{journey}: {results:?}");
            assert!(
                results.found.is_sorted_by_key(|found| found.total),
                "{journey}"
            );
            for found in &results.found {
                check(&world, &query, found);
            }
        }
    }

    fn check(world: &World, query: &Query, found: &Found) {
        let owner = found.slices[0].itinerary.carrier(world);
        let mut landed = now();
        for (sold, slice) in found.slices.iter().zip(&query.slices) {
            let itinerary: &Itinerary = &sold.itinerary;
            assert!(
                world
                    .airports_of(slice.origin())
                    .contains(&itinerary.origin(world))
            );
            assert!(
                world
                    .airports_of(slice.destination())
                    .contains(&itinerary.destination(world))
            );
            assert_eq!(itinerary.first().day, slice.day);
            for leg in itinerary.legs() {
                assert!(leg.departs >= landed + 45, "{found:?}");
                assert!(world.flight(leg.flight).operates(leg.day));
                landed = leg.arrives;
            }
            assert!(
                itinerary
                    .flights(world)
                    .all(|flight| world.partners(owner, flight.carrier))
            );
        }
    }

    #[test]
    fn domestic_journeys_do_not_leave_the_country() {
        let world = world();
        let results = search(
            &world,
            &Overlay::default(),
            &query("JFK-LAX 2027-03-15", 1),
            "",
            now(),
            200,
        );
        let hubs: Vec<_> = results
            .found
            .iter()
            .filter(|found| found.slices[0].itinerary.connects())
            .map(|found| {
                world
                    .flight(found.slices[0].itinerary.first().flight)
                    .destination
            })
            .collect();
        assert!(!hubs.is_empty());
        assert!(hubs.iter().all(|&hub| world.country_of(hub).code == "US"));
    }

    #[test]
    fn the_date_line_is_crossed_backwards() {
        let world = world();
        let results = search(
            &world,
            &Overlay::default(),
            &query("AKL-SFO 2027-03-20", 0),
            "",
            now(),
            1,
        );
        let leg = *results.found[0].slices[0].itinerary.first();
        let flight = world.flight(leg.flight);
        let (from, to) = (
            world.airport(flight.origin),
            world.airport(flight.destination),
        );
        let (leaves, lands) = (
            times::local(&from.zone, leg.departs),
            times::local(&to.zone, leg.arrives),
        );
        assert!(lands < leaves, "leaves {leaves}, lands {lands}");
        assert!(leg.arrives > leg.departs);
    }

    #[test]
    fn a_class_without_seats_is_not_offered() {
        let world = world();
        let query = query("LHR-JFK 2027-03-15", 0);
        let before = search(&world, &Overlay::default(), &query, "", now(), 200).found;
        let cheapest = &before[0].slices[0];
        let leg = cheapest.itinerary.first();
        let cabins = world.flight(leg.flight).cabins();
        let mut counters = Counters::default();
        let all = counters.available(&cabins, cheapest.classes[0]);
        counters
            .hold(&cabins, cheapest.classes[0], all)
            .expect("all are free");
        counters.version = 1;
        let mut overlay = Overlay::default();
        let record = Record {
            counters,
            ..Record::default()
        };
        overlay.put(leg.flight, leg.day, record);
        let after = search(&world, &overlay, &query, "", now(), 200).found;
        assert!(before.iter().any(|found| found.slices[0] == *cheapest));
        assert!(after.iter().all(|found| found.slices[0] != *cheapest));
        assert!(
            after
                .iter()
                .any(|found| found.slices[0].itinerary == cheapest.itinerary)
        );
    }
}
