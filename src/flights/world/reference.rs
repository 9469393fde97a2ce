//! What the world is made of besides flights: airports, airlines, metropolitan areas, countries.
//!
//! All of it is real. Names are borrowed from the tables inside the program.

use jiff::tz::TimeZone;

use super::super::geo::Point;
use super::AirportIndex;
use crate::kernel::money::Currency;

/// An airport with flights.
#[derive(Debug)]
pub struct Airport {
    /// IATA code.
    pub code: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// The city it lies in.
    pub city: &'static str,
    /// Place of its country in [`World::country`].
    pub country: u16,
    /// Where it lies.
    pub point: Point,
    /// Its clocks.
    pub zone: TimeZone,
    /// IANA name of its zone.
    pub zone_name: &'static str,
    /// Place of its metropolitan area in [`World::areas`].
    pub area: Option<u16>,
    /// Flights that leave it in a week.
    pub weekly_departures: u32,
}

/// An airline with flights.
#[derive(Debug)]
pub struct Airline {
    /// IATA code.
    pub code: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// ICAO code, or empty.
    pub icao: &'static str,
    /// Three digits that start its ticket numbers, or empty.
    pub accounting: &'static str,
    /// Name of its alliance, or empty.
    pub alliance: &'static str,
    /// Flights in a week.
    pub weekly_flights: u32,
}

/// A metropolitan area.
#[derive(Debug)]
pub struct Area {
    /// IATA code.
    pub code: &'static str,
    /// Name of the city.
    pub name: &'static str,
    /// Place of its country in [`World::country`].
    pub country: u16,
    /// Its airports.
    pub airports: Vec<AirportIndex>,
}

/// A country with an airport.
#[derive(Debug)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// What is paid with there.
    pub currency: Currency,
    /// AF, AN, AS, EU, NA, OC or SA.
    pub continent: &'static str,
}
