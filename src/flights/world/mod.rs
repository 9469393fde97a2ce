//! The world's timetable: airports, airlines, and weekly flight patterns with an index by origin and destination.
//!
//! Made once from the tables inside the program and never changed. A flight on a date is not stored anywhere: it is a pattern
//! that operates on that weekday, until someone holds a seat on it (`inventory`).

mod pattern;
mod reference;
mod schedule;
pub(super) mod tables;

use std::collections::HashMap;

pub use pattern::{Flight, Route};
pub use reference::{Airline, Airport, Area, Country};

use super::geo;

/// Place of an airport in the world.
pub type AirportIndex = u16;
/// Place of an airline in the world.
pub type AirlineIndex = u16;
/// Place of a flight pattern in the world.
pub type FlightIndex = u32;

/// Why the world could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line of a table is malformed, or names what another table lacks.
    #[error("a table of the world has a malformed line: {0}")]
    Table(&'static str),
    /// An airline has more flights than flight numbers.
    #[error("the flights of {0} need more than the numbers there are")]
    Numbers(&'static str),
}

/// How much there is of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Airlines with flights.
    pub airlines: usize,
    /// Airports with flights.
    pub airports: usize,
    /// Flights in a week.
    pub weekly_flights: u64,
}

/// The timetable. Immutable: share it.
#[derive(Debug)]
pub struct World {
    airports: Vec<Airport>,
    airlines: Vec<Airline>,
    areas: Vec<Area>,
    countries: Vec<Country>,
    aircraft: HashMap<&'static str, &'static str>,
    /// Sorted by origin, destination, departure.
    flights: Vec<Flight>,
    /// Sorted by origin, destination; those of airport n are `routes[route_starts[n]..route_starts[n + 1]]`.
    routes: Vec<Route>,
    route_starts: Vec<u32>,
    /// Flights by carrier and number.
    numbers: Vec<FlightIndex>,
    /// By airline: the first of its alliance.
    partnerships: Vec<AirlineIndex>,
}

impl World {
    /// The whole world.
    ///
    /// # Errors
    /// The tables inside the program are malformed.
    pub fn load() -> Result<Self, Error> {
        Self::build(None)
    }

    /// The world with the flights of some airlines only, by IATA code; for tests that need not wait for all.
    ///
    /// # Errors
    /// The tables inside the program are malformed.
    pub fn load_carriers(codes: &[&str]) -> Result<Self, Error> {
        Self::build(Some(codes))
    }

    fn build(only: Option<&[&str]>) -> Result<Self, Error> {
        let countries = tables::countries()?;
        let mut areas = tables::areas(&countries)?;
        let mut airports = tables::airports(&countries, &mut areas)?;
        let mut airlines = tables::airlines()?;
        let stages = tables::departures()?;
        let mut flights = Vec::new();
        for (carrier, rows) in tables::routes(&airlines, &airports, only)? {
            schedule::patterns(carrier, &rows, &airlines, &airports, &stages, &mut flights)?;
        }
        flights.shrink_to_fit();
        flights
            .sort_unstable_by_key(|f| (f.origin, f.destination, f.departure, f.carrier, f.number));
        for flight in &flights {
            airports[usize::from(flight.origin)].weekly_departures += flight.days.count_ones();
            airlines[usize::from(flight.carrier)].weekly_flights += flight.days.count_ones();
        }
        let (routes, route_starts) = index(&flights, airports.len());
        let mut numbers: Vec<FlightIndex> = (0..).take(flights.len()).collect();
        numbers.sort_unstable_by_key(|&n| number_key(&flights, n));
        Ok(Self {
            partnerships: partnerships(&airlines),
            airports,
            airlines,
            areas,
            countries,
            aircraft: tables::aircraft()?,
            flights,
            routes,
            route_starts,
            numbers,
        })
    }

    /// How much there is of everything.
    pub fn summary(&self) -> Summary {
        Summary {
            airlines: self
                .airlines
                .iter()
                .filter(|airline| airline.weekly_flights > 0)
                .count(),
            airports: self
                .airports
                .iter()
                .filter(|airport| airport.weekly_departures > 0)
                .count(),
            weekly_flights: self
                .airlines
                .iter()
                .map(|airline| u64::from(airline.weekly_flights))
                .sum(),
        }
    }

    /// All airports, by code.
    pub fn airports(&self) -> &[Airport] {
        &self.airports
    }

    /// All airlines, by code.
    pub fn airlines(&self) -> &[Airline] {
        &self.airlines
    }

    /// All metropolitan areas, by code.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// An airport by its place.
    pub fn airport(&self, index: AirportIndex) -> &Airport {
        &self.airports[usize::from(index)]
    }

    /// An airline by its place.
    pub fn airline(&self, index: AirlineIndex) -> &Airline {
        &self.airlines[usize::from(index)]
    }

    /// The country of an airport.
    pub fn country_of(&self, airport: AirportIndex) -> &Country {
        self.country(self.airport(airport).country)
    }

    /// A country by its place.
    pub fn country(&self, index: u16) -> &Country {
        &self.countries[usize::from(index)]
    }

    /// A flight pattern by its place.
    pub fn flight(&self, index: FlightIndex) -> &Flight {
        &self.flights[usize::try_from(index).expect("an index fits")]
    }

    /// The name of an aircraft by IATA equipment code; the code where it has none.
    pub fn aircraft_name(&self, code: &'static str) -> &'static str {
        self.aircraft.get(code).copied().unwrap_or(code)
    }

    /// The place of an airport.
    pub fn find_airport(&self, code: &str) -> Option<AirportIndex> {
        tables::find(&self.airports, code, |airport| airport.code)
    }

    /// The place of an airline.
    pub fn find_airline(&self, code: &str) -> Option<AirlineIndex> {
        tables::find(&self.airlines, code, |airline| airline.code)
    }

    /// The airports that a code means: those of the metropolitan area of that name, or the airport itself.
    pub fn airports_of(&self, code: &str) -> Vec<AirportIndex> {
        match tables::find(&self.areas, code, |area| area.code) {
            Some(area) => self.areas[usize::from(area)].airports.clone(),
            None => self.find_airport(code).into_iter().collect(),
        }
    }

    /// The flight that a carrier gave a number.
    pub fn find_flight(&self, carrier: AirlineIndex, number: u16) -> Option<FlightIndex> {
        let index = self
            .numbers
            .binary_search_by_key(&(carrier, number), |&n| number_key(&self.flights, n));
        index.ok().map(|index| self.numbers[index])
    }

    /// The flights of a carrier, by number.
    pub fn flights_of(&self, carrier: AirlineIndex) -> &[FlightIndex] {
        let of = |n: &FlightIndex| number_key(&self.flights, *n).0;
        let start = self.numbers.partition_point(|n| of(n) < carrier);
        let end = self.numbers.partition_point(|n| of(n) <= carrier);
        &self.numbers[start..end]
    }

    /// Where one can fly from an airport, by destination.
    pub fn routes_from(&self, origin: AirportIndex) -> &[Route] {
        let at = |n: usize| usize::try_from(self.route_starts[n]).expect("an index fits");
        &self.routes[at(usize::from(origin))..at(usize::from(origin) + 1)]
    }

    /// The route between two airports.
    pub fn route(&self, origin: AirportIndex, destination: AirportIndex) -> Option<&Route> {
        let routes = self.routes_from(origin);
        let index = routes.binary_search_by_key(&destination, |route| route.destination);
        index.ok().map(|index| &routes[index])
    }

    /// Great-circle distance between two airports.
    pub fn distance_km(&self, from: AirportIndex, to: AirportIndex) -> u16 {
        geo::distance_km(self.airport(from).point, self.airport(to).point)
    }

    /// Whether both airports lie in one country.
    pub fn domestic(&self, from: AirportIndex, to: AirportIndex) -> bool {
        self.airport(from).country == self.airport(to).country
    }

    /// What partners have in common: the same number for all airlines of an alliance, one of its own for any other.
    pub fn partnership(&self, airline: AirlineIndex) -> AirlineIndex {
        self.partnerships[usize::from(airline)]
    }

    /// Whether a journey on both carriers can be sold as one: they are the same, or of one alliance.
    pub fn partners(&self, one: AirlineIndex, other: AirlineIndex) -> bool {
        self.partnership(one) == self.partnership(other)
    }
}

fn number_key(flights: &[Flight], index: FlightIndex) -> (AirlineIndex, u16) {
    let flight = &flights[usize::try_from(index).expect("an index fits")];
    (flight.carrier, flight.number)
}

fn partnerships(airlines: &[Airline]) -> Vec<AirlineIndex> {
    (0..)
        .zip(airlines)
        .map(|(own, airline)| {
            let first = airlines
                .iter()
                .position(|other| other.alliance == airline.alliance);
            let first = first.and_then(|first| AirlineIndex::try_from(first).ok());
            first
                .filter(|_| !airline.alliance.is_empty())
                .unwrap_or(own)
        })
        .collect()
}

fn index(flights: &[Flight], airports: usize) -> (Vec<Route>, Vec<u32>) {
    let mut routes = Vec::<Route>::new();
    let mut starts = Vec::with_capacity(airports + 1);
    let mut last = None;
    for (n, flight) in (0..).zip(flights) {
        if last == Some((flight.origin, flight.destination)) {
            routes
                .last_mut()
                .expect("its first flight made the route")
                .end = n + 1;
            continue;
        }
        last = Some((flight.origin, flight.destination));
        while starts.len() <= usize::from(flight.origin) {
            starts.push(u32::try_from(routes.len()).expect("fewer routes than flights"));
        }
        routes.push(Route {
            destination: flight.destination,
            distance_km: flight.distance_km,
            start: n,
            end: n + 1,
        });
    }
    starts.resize(
        airports + 1,
        u32::try_from(routes.len()).expect("fewer routes than flights"),
    );
    (routes, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_world_keeps_its_size() {
        let world = World::load().expect("the tables are well-formed");
        let summary = world.summary();
        assert!(
            (98_000..104_000).contains(&(summary.weekly_flights / 7)),
            "{summary:?}"
        );
        assert!((3500..=3762).contains(&summary.airports), "{summary:?}");
        assert!(summary.airlines > 700, "{summary:?}");
        let unique = world
            .numbers
            .windows(2)
            .all(|two| number_key(&world.flights, two[0]) < number_key(&world.flights, two[1]));
        assert!(unique, "a number has two flights");
        let missing: Vec<_> = world
            .flights
            .iter()
            .map(|f| super::super::equipment::code(f.equipment))
            .filter(|code| !world.aircraft.contains_key(code))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_same_tables_make_the_same_world() {
        let (one, two) = (World::load_carriers(&["TP"]), World::load_carriers(&["TP"]));
        let (one, two) = (one.expect("well-formed"), two.expect("well-formed"));
        assert_eq!(one.flights, two.flights);
        assert!(
            (300..340).contains(&(one.summary().weekly_flights / 7)),
            "{:?}",
            one.summary()
        );
    }

    #[test]
    fn flights_are_found_by_route_and_by_number() {
        let world = World::load_carriers(&["BA", "AA"]).expect("well-formed");
        let (lhr, jfk) = (world.find_airport("LHR"), world.find_airport("JFK"));
        let (lhr, jfk) = (lhr.expect("known"), jfk.expect("known"));
        let route = world.route(lhr, jfk).expect("flown");
        let flights: Vec<_> = route.flights().map(|n| (n, *world.flight(n))).collect();
        assert!(flights.len() >= 10);
        assert!(
            flights
                .windows(2)
                .all(|two| two[0].1.departure <= two[1].1.departure)
        );
        for (index, flight) in flights {
            assert_eq!((flight.origin, flight.destination), (lhr, jfk));
            assert_eq!(
                world.find_flight(flight.carrier, flight.number),
                Some(index)
            );
        }
        let london: Vec<_> = world
            .airports_of("LON")
            .iter()
            .map(|&n| world.airport(n).code)
            .collect();
        assert!(
            london.contains(&"LHR") && london.contains(&"LGW"),
            "{london:?}"
        );
        assert!(world.airports_of("XXX").is_empty());
        assert!(world.route(lhr, lhr).is_none());
    }
}
