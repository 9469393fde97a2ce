//! Reads the compact tables that the program carries inside (`data/README.md`).
//!
//! Text is borrowed from the binary, so a table costs little more than its index. The tables are made and checked when the
//! program is built; a malformed line is a mistake of ours and ends the start with the line.

use std::collections::HashMap;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::super::geo::Point;
use super::{Airline, AirlineIndex, Airport, AirportIndex, Area, Country, Error};
use crate::kernel::money::Currency;

const AIRCRAFT: &str = include_str!("../../../data/aircraft.txt");
const AIRLINES: &str = include_str!("../../../data/airlines.txt");
const AIRPORTS: &str = include_str!("../../../data/airports.txt");
const AREAS: &str = include_str!("../../../data/areas.txt");
const COUNTRIES: &str = include_str!("../../../data/countries.txt");
const DEPARTURES: &str = include_str!("../../../data/departures.txt");
const ROUTES: &str = include_str!("../../../data/routes.txt");

/// What one airline flies from one airport to another in a mean month.
pub struct Row {
    pub origin: AirportIndex,
    pub destination: AirportIndex,
    /// Mean seats of a flight.
    pub seats: u16,
    /// Hundredths of flights a month.
    pub frequency: u64,
}

/// When flights of one stage length leave.
pub struct Stage {
    /// Upper end of the stage length, in kilometres.
    pub end_km: u32,
    /// Minute of the day, and how many flights leave in it or before.
    pub cumulative: Vec<(u16, u64)>,
}

/// Names of aircraft by IATA equipment code.
pub fn aircraft() -> Result<HashMap<&'static str, &'static str>, Error> {
    AIRCRAFT
        .lines()
        .map(|line| fields::<2>(line).map(|[code, name]| (code, name)))
        .collect()
}

/// Countries, sorted by code.
pub fn countries() -> Result<Vec<Country>, Error> {
    COUNTRIES
        .lines()
        .map(|line| {
            let [code, name, currency, continent] = fields(line)?;
            let currency = Currency::parse(currency).ok_or(Error::Table(line))?;
            Ok(Country {
                code,
                name,
                currency,
                continent,
            })
        })
        .collect()
}

/// Metropolitan areas, sorted by code; their airports are still to be filled in.
pub fn areas(countries: &[Country]) -> Result<Vec<Area>, Error> {
    AREAS
        .lines()
        .map(|line| {
            let [code, name, country] = fields(line)?;
            let country =
                find(countries, country, |country| country.code).ok_or(Error::Table(line))?;
            Ok(Area {
                code,
                name,
                country,
                airports: Vec::new(),
            })
        })
        .collect()
}

/// Airports, sorted by code, and each entered in its area.
pub fn airports(countries: &[Country], areas: &mut [Area]) -> Result<Vec<Airport>, Error> {
    let database = TimeZoneDatabase::bundled();
    let mut zones = HashMap::<&str, TimeZone>::new();
    let mut airports = Vec::with_capacity(4096);
    for (index, line) in (0..).zip(AIRPORTS.lines()) {
        let [
            code,
            name,
            city,
            country,
            latitude,
            longitude,
            zone_name,
            area,
        ] = fields(line)?;
        let zone = match zones.get(zone_name) {
            Some(zone) => zone.clone(),
            None => {
                let zone = database.get(zone_name).map_err(|_| Error::Table(line))?;
                zones.insert(zone_name, zone.clone());
                zone
            }
        };
        let area = if area.is_empty() {
            None
        } else {
            let area = find(areas, area, |area| area.code).ok_or(Error::Table(line))?;
            areas[usize::from(area)].airports.push(index);
            Some(area)
        };
        airports.push(Airport {
            code,
            name,
            city,
            country: find(countries, country, |country| country.code).ok_or(Error::Table(line))?,
            point: Point {
                latitude_e6: number(latitude, line)?,
                longitude_e6: number(longitude, line)?,
            },
            zone,
            zone_name,
            area,
            weekly_departures: 0,
        });
    }
    Ok(airports)
}

/// Airlines, sorted by code.
pub fn airlines() -> Result<Vec<Airline>, Error> {
    AIRLINES
        .lines()
        .map(|line| {
            let [code, name, icao, accounting, alliance] = fields(line)?;
            Ok(Airline {
                code,
                name,
                icao,
                accounting,
                alliance,
                weekly_flights: 0,
            })
        })
        .collect()
}

/// Routes by airline, sorted by origin and destination; `only` limits them to some airlines.
pub fn routes(
    airlines: &[Airline],
    airports: &[Airport],
    only: Option<&[&str]>,
) -> Result<Vec<(AirlineIndex, Vec<Row>)>, Error> {
    let mut routes = Vec::<(AirlineIndex, Vec<Row>)>::new();
    let (mut wanted, mut origin) = (false, 0);
    for line in ROUTES.lines() {
        if let Some(code) = line.strip_prefix('*') {
            wanted = only.is_none_or(|only| only.contains(&code));
            if wanted {
                let airline =
                    find(airlines, code, |airline| airline.code).ok_or(Error::Table(line))?;
                routes.push((airline, Vec::new()));
            }
        } else if !wanted {
            continue;
        } else if let Some(code) = line.strip_prefix('+') {
            origin = find(airports, code, |airport| airport.code).ok_or(Error::Table(line))?;
        } else {
            let mut parts = line.split(' ');
            let (Some(code), Some(seats), Some(frequency), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return Err(Error::Table(line));
            };
            let destination =
                find(airports, code, |airport| airport.code).ok_or(Error::Table(line))?;
            let (seats, frequency) = (number::<u64>(seats, line)?, number::<u64>(frequency, line)?);
            let mean = (seats * 100)
                .checked_div(frequency)
                .unwrap_or(0)
                .clamp(1, 900);
            let rows = &mut routes.last_mut().ok_or(Error::Table(line))?.1;
            rows.push(Row {
                origin,
                destination,
                seats: u16::try_from(mean).expect("clamped"),
                frequency,
            });
        }
    }
    Ok(routes)
}

/// When flights leave, by stage length.
pub fn departures() -> Result<Vec<Stage>, Error> {
    DEPARTURES
        .lines()
        .map(|line| {
            let mut parts = line.split(' ');
            let end_km = number(parts.next().unwrap_or_default(), line)?;
            let (mut total, mut cumulative) = (0_u64, Vec::new());
            // The means of distance and block time come first; they serve tests.
            for part in parts.skip(2) {
                let (slot, count) = part.split_once(':').ok_or(Error::Table(line))?;
                total += number::<u64>(count, line)?;
                cumulative.push((number::<u16>(slot, line)? * 5, total));
            }
            Ok(Stage { end_km, cumulative })
        })
        .collect()
}

/// The place of a code in a table that is sorted by code.
pub fn find<T>(table: &[T], code: &str, key: impl Fn(&T) -> &'static str) -> Option<u16> {
    let index = table.binary_search_by(|entry| key(entry).cmp(code)).ok()?;
    u16::try_from(index).ok()
}

fn fields<const N: usize>(line: &'static str) -> Result<[&'static str; N], Error> {
    let mut parts = line.split('^');
    let mut fields = [""; N];
    for field in &mut fields {
        *field = parts.next().ok_or(Error::Table(line))?;
    }
    if parts.next().is_some() {
        Err(Error::Table(line))
    } else {
        Ok(fields)
    }
}

fn number<T: std::str::FromStr>(text: &str, line: &'static str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Table(line))
}
