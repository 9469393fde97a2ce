//! The flights that carry someone over one slice: one or two, each on its date.

use super::times::{Day, LocalDay, Moment};
use super::world::{AirlineIndex, AirportIndex, Flight, FlightIndex, World};

/// A flight on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which pattern.
    pub flight: FlightIndex,
    /// Local date of departure.
    pub day: Day,
    /// When it leaves.
    pub departs: Moment,
    /// When it lands.
    pub arrives: Moment,
}

impl Leg {
    /// The flight on the day, whose calendar is that of its origin.
    pub fn new(world: &World, flight: FlightIndex, day: &LocalDay<'_>) -> Self {
        let pattern = world.flight(flight);
        let departs = day.moment(pattern.departure);
        Self {
            flight,
            day: day.day(),
            departs,
            arrives: departs + i64::from(pattern.block),
        }
    }

    /// The flight on a local day of its origin.
    pub fn on(world: &World, flight: FlightIndex, day: Day) -> Self {
        let zone = &world.airport(world.flight(flight).origin).zone;
        Self::new(world, flight, &LocalDay::new(zone, day))
    }
}

/// One or two legs that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Itinerary {
    first: Leg,
    second: Option<Leg>,
}

impl Itinerary {
    /// Without a connection.
    pub fn direct(leg: Leg) -> Self {
        Self {
            first: leg,
            second: None,
        }
    }

    /// With one connection.
    pub fn connecting(first: Leg, second: Leg) -> Self {
        Self {
            first,
            second: Some(second),
        }
    }

    /// The same with each leg as `change` makes it.
    pub fn with_legs(&self, change: impl Fn(Leg) -> Leg) -> Self {
        Self {
            first: change(self.first),
            second: self.second.map(change),
        }
    }

    /// Its legs in order.
    pub fn legs(&self) -> impl Iterator<Item = &Leg> {
        std::iter::once(&self.first).chain(&self.second)
    }

    /// Its flights in order.
    pub fn flights<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w Flight> {
        self.legs().map(|leg| world.flight(leg.flight))
    }

    /// Whether it has a connection.
    pub fn connects(&self) -> bool {
        self.second.is_some()
    }

    /// Its first leg.
    pub fn first(&self) -> &Leg {
        &self.first
    }

    /// Its last leg.
    pub fn last(&self) -> &Leg {
        self.second.as_ref().unwrap_or(&self.first)
    }

    /// When it leaves.
    pub fn departs(&self) -> Moment {
        self.first.departs
    }

    /// When it lands.
    pub fn arrives(&self) -> Moment {
        self.last().arrives
    }

    /// Where it leaves.
    pub fn origin(&self, world: &World) -> AirportIndex {
        world.flight(self.first.flight).origin
    }

    /// Where it lands.
    pub fn destination(&self, world: &World) -> AirportIndex {
        world.flight(self.last().flight).destination
    }

    /// Who flies its first leg.
    pub fn carrier(&self, world: &World) -> AirlineIndex {
        world.flight(self.first.flight).carrier
    }
}
