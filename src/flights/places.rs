//! Reference data as the contract lists it: cities, airports, airlines.
//!
//! Lists are the same for everybody. Their positions are plain numbers, and mean something only to this file.

use super::world::{Airport, Area, World};
use crate::rpc::common::v1::Page;
use crate::rpc::flights::v1 as rpc;

const PAGE: u32 = 20;
const PAGE_MAX: u32 = 200;

/// Cities and airports in the order in which they are listed, with what queries match.
pub struct Places {
    entries: Vec<Entry>,
}

struct Entry {
    /// Place of an area or of an airport in the world.
    city: bool,
    index: u16,
    code: &'static str,
    /// City and name, in lower case.
    city_name: String,
    name: String,
}

impl Places {
    /// Ordered by weekly departures; a city comes before its airports.
    pub fn new(world: &World) -> Self {
        let departures = |area: &Area| -> u32 {
            area.airports
                .iter()
                .map(|&airport| world.airport(airport).weekly_departures)
                .sum()
        };
        let city = |(index, area): (u16, &Area)| {
            let name = area.name.to_lowercase();
            let entry = Entry {
                city: true,
                index,
                code: area.code,
                city_name: name.clone(),
                name,
            };
            (departures(area), entry)
        };
        let airport = |(index, airport): (u16, &Airport)| {
            let (city_name, name) = (airport.city.to_lowercase(), airport.name.to_lowercase());
            let entry = Entry {
                city: false,
                index,
                code: airport.code,
                city_name,
                name,
            };
            (airport.weekly_departures, entry)
        };
        let cities = (0..).zip(world.areas()).map(city);
        let airports = (0..).zip(world.airports()).map(airport);
        let mut entries: Vec<_> = cities
            .chain(airports)
            .filter(|(weekly, _)| *weekly > 0)
            .collect();
        entries
            .sort_by_key(|(weekly, entry)| (std::cmp::Reverse(*weekly), !entry.city, entry.code));
        Self {
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    /// The places that a query matches: by code first, then by how their city or name begins, then by what it contains.
    pub fn list(&self, world: &World, query: &str, page: Option<&Page>) -> rpc::ListPlacesResponse {
        let query = query.trim().to_lowercase();
        let mut matched: Vec<(u8, &Entry)> = self
            .entries
            .iter()
            .filter_map(|entry| Some((entry.rank(&query)?, entry)))
            .collect();
        matched.sort_by_key(|(rank, _)| *rank);
        let (places, next) = cut(&matched, page);
        let places = places.iter().map(|(_, entry)| entry.shown(world)).collect();
        rpc::ListPlacesResponse { places, next }
    }
}

impl Entry {
    fn rank(&self, query: &str) -> Option<u8> {
        if query.is_empty() {
            return Some(0);
        }
        if self.code.eq_ignore_ascii_case(query) {
            Some(0)
        } else if self.city_name.starts_with(query) || self.name.starts_with(query) {
            Some(1)
        } else if self.city_name.contains(query) || self.name.contains(query) {
            Some(2)
        } else {
            None
        }
    }

    fn shown(&self, world: &World) -> rpc::Place {
        if self.city {
            let area = &world.areas()[usize::from(self.index)];
            return rpc::Place {
                kind: rpc::PlaceKind::City.into(),
                code: area.code.to_owned(),
                name: area.name.to_owned(),
                city_code: area.code.to_owned(),
                city_name: area.name.to_owned(),
                country: world.country(area.country).code.to_owned(),
                airports: area
                    .airports
                    .iter()
                    .map(|&airport| world.airport(airport).code.to_owned())
                    .collect(),
                ..Default::default()
            };
        }
        let airport = world.airport(self.index);
        let area = airport.area.map(|area| &world.areas()[usize::from(area)]);
        rpc::Place {
            kind: rpc::PlaceKind::Airport.into(),
            code: airport.code.to_owned(),
            name: airport.name.to_owned(),
            city_code: area.map_or("", |area| area.code).to_owned(),
            city_name: area.map_or(airport.city, |area| area.name).to_owned(),
            country: world.country(airport.country).code.to_owned(),
            time_zone: airport.zone_name.to_owned(),
            latitude_e6: airport.point.latitude_e6.into(),
            longitude_e6: airport.point.longitude_e6.into(),
            airports: Vec::new(),
        }
    }
}

/// The airlines with flights, by code.
pub fn airlines(world: &World, page: Option<&Page>) -> rpc::ListAirlinesResponse {
    let flying: Vec<_> = world
        .airlines()
        .iter()
        .filter(|airline| airline.weekly_flights > 0)
        .collect();
    let (airlines, next) = cut(&flying, page);
    let airlines = airlines
        .iter()
        .map(|airline| rpc::Airline {
            code: airline.code.to_owned(),
            name: airline.name.to_owned(),
            icao_code: airline.icao.to_owned(),
            accounting_code: airline.accounting.to_owned(),
            alliance: airline.alliance.to_owned(),
            weekly_flights: airline.weekly_flights,
        })
        .collect();
    rpc::ListAirlinesResponse { airlines, next }
}

/// The page of a list, and where the next one starts; a position that was never given out starts an empty page.
fn cut<'a, T>(list: &'a [T], page: Option<&Page>) -> (&'a [T], String) {
    let after = page.map_or("", |page| page.after.as_str());
    let start = match after {
        "" => 0,
        after => after
            .parse::<usize>()
            .ok()
            .map_or(list.len(), |start| start.min(list.len())),
    };
    let limit = match page.map_or(0, |page| page.limit) {
        0 => PAGE,
        limit => limit.min(PAGE_MAX),
    };
    let end = list
        .len()
        .min(start + usize::try_from(limit).expect("a small number"));
    let next = if end < list.len() {
        end.to_string()
    } else {
        String::new()
    };
    (&list[start..end], next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(after: &str, limit: u32) -> Page {
        Page {
            after: after.to_owned(),
            limit,
        }
    }

    #[test]
    fn places_are_found_by_code_city_and_name() {
        let world = World::load_carriers(&["BA", "AA"]).expect("well-formed");
        let places = Places::new(&world);
        for (query, first) in [
            ("lhr", "LHR"),
            ("LON", "LON"),
            ("london", "LON"),
            ("heathrow", "LHR"),
            ("Nice", "NCE"),
        ] {
            let list = places.list(&world, query, Some(&page("", 5)));
            assert_eq!(
                list.places.first().map(|place| place.code.as_str()),
                Some(first),
                "{query}"
            );
        }
        assert!(places.list(&world, "qqqq", None).places.is_empty());
    }

    #[test]
    fn pages_follow_each_other_without_gap() {
        let world = World::load_carriers(&["BA"]).expect("well-formed");
        let places = Places::new(&world);
        let all = places.list(&world, "", Some(&page("", 200))).places;
        let (mut paged, mut after) = (Vec::new(), String::new());
        loop {
            let list = places.list(&world, "", Some(&page(&after, 7)));
            paged.extend(list.places);
            after = list.next;
            if after.is_empty() || paged.len() >= 200 {
                break;
            }
        }
        assert_eq!(
            paged[..all.len().min(paged.len())],
            all[..all.len().min(paged.len())]
        );
        for wrong in ["x", "-1", "99999999"] {
            let list = places.list(&world, "", Some(&page(wrong, 7)));
            assert_eq!((list.places.len(), list.next.as_str()), (0, ""), "{wrong}");
        }
        let airlines = airlines(&world, None);
        assert_eq!((airlines.airlines.len(), airlines.next.as_str()), (1, ""));
    }
}
