//! What flies: weekly patterns, and the routes that group them.
//!
//! A pattern is no flight on a date; it tells on which dates there is one.

use std::ops::Range;

use super::super::equipment::{self, CABINS};
use super::super::times::{self, Day};
use super::{AirlineIndex, AirportIndex, FlightIndex};

/// A flight that operates every week on the same days at the same local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Who flies it.
    pub carrier: AirlineIndex,
    /// Its number, unique for the carrier.
    pub number: u16,
    /// Where it leaves.
    pub origin: AirportIndex,
    /// Where it lands.
    pub destination: AirportIndex,
    /// Minutes after local midnight.
    pub departure: u16,
    /// Minutes from gate to gate.
    pub block: u16,
    /// Great-circle distance.
    pub distance_km: u16,
    /// All seats.
    pub seats: u16,
    /// Bit 0 for Monday … bit 6 for Sunday, of the local departure.
    pub days: u8,
    /// Place in the table of `equipment`.
    pub equipment: u8,
}

impl Flight {
    /// Whether it leaves on a local day.
    pub fn operates(&self, day: Day) -> bool {
        self.days & (1 << times::weekday(day)) != 0
    }

    /// Seats of each cabin, economy first.
    pub fn cabins(&self) -> [u16; CABINS] {
        equipment::cabins(self.equipment, self.seats, self.distance_km)
    }
}

/// The flights from one airport to another.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Where they land.
    pub destination: AirportIndex,
    /// Great-circle distance.
    pub distance_km: u16,
    pub(super) start: FlightIndex,
    pub(super) end: FlightIndex,
}

impl Route {
    /// The earliest of its flights.
    pub fn first(&self) -> FlightIndex {
        self.start
    }

    /// Its flights, by local departure.
    pub fn flights(&self) -> Range<FlightIndex> {
        self.start..self.end
    }
}
