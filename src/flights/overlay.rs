//! What one world has on top of the timetable, which all worlds share: seats that are taken, limits that were set, flights that
//! were cancelled or moved, negotiated fares.
//!
//! This is the copy in memory that searches read; a flight-date that is not in it has every seat free and flies as planned.

use std::collections::HashMap;
use std::sync::Arc;

use super::classes::{self, ClassIndex};
use super::inventory::{Counters, Refusal};
use super::itinerary::Leg;
use super::negotiated::Negotiated;
use super::plan::Plan;
use super::times::Day;
use super::world::{Flight, FlightIndex, World};

/// What is known of a flight on a date that was ever touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its seats. Their version moves with every change of the record.
    pub counters: Counters,
    /// Whether and when it is flown.
    pub plan: Plan,
}

impl Record {
    /// Seats that a class of a flight of the timetable may still sell; none when the flight is cancelled.
    pub fn available(&self, flight: &Flight, class: ClassIndex) -> u16 {
        if self.plan.cancelled {
            return 0;
        }
        self.counters.available(&self.plan.cabins(flight), class)
    }

    /// The counters, to hold or sell seats of.
    ///
    /// # Errors
    /// The flight is cancelled.
    pub fn for_sale(&mut self) -> Result<&mut Counters, Refusal> {
        if self.plan.cancelled {
            return Err(Refusal::SeatsUnavailable);
        }
        Ok(&mut self.counters)
    }

    /// The version of its seats, from 1.
    pub fn version(&self) -> u64 {
        self.counters.version + 1
    }
}

/// What one world has on top of the timetable.
#[derive(Debug, Default)]
pub struct Overlay {
    records: HashMap<(FlightIndex, Day), Record>,
    /// The plans that differ from the timetable, by day: most days have none, and a search asks about one or two.
    plans: HashMap<Day, HashMap<FlightIndex, Plan>>,
    /// By account code.
    fares: HashMap<String, Vec<Arc<Negotiated>>>,
}

impl Overlay {
    /// Takes up a record, unless a newer one is there already.
    pub fn put(&mut self, flight: FlightIndex, day: Day, record: Record) {
        let known = self.records.entry((flight, day)).or_default();
        if known.counters.version >= record.counters.version {
            return;
        }
        *known = record;
        if record.plan != Plan::default() {
            self.plans
                .entry(day)
                .or_default()
                .insert(flight, record.plan);
        }
    }

    /// Takes up a fare, unless a newer form of it is there already.
    pub fn put_fare(&mut self, fare: Negotiated) {
        let fares = self
            .fares
            .entry(fare.grant.account_code.clone())
            .or_default();
        match fares
            .iter_mut()
            .find(|known| known.grant.fare_id == fare.grant.fare_id)
        {
            Some(known) if known.version >= fare.version => {}
            Some(known) => *known = Arc::new(fare),
            None => fares.push(Arc::new(fare)),
        }
    }

    /// The record of a flight-date, as it is.
    pub fn record(&self, flight: FlightIndex, day: Day) -> Record {
        self.records
            .get(&(flight, day))
            .copied()
            .unwrap_or_default()
    }

    /// Seats that a class of a flight-date may still sell.
    pub fn available(
        &self,
        world: &World,
        flight: FlightIndex,
        day: Day,
        class: ClassIndex,
    ) -> u16 {
        let pattern = world.flight(flight);
        match self.records.get(&(flight, day)) {
            Some(record) => record.available(pattern, class),
            // Untouched: the limits of the ladder are nested, so that of the class itself is the least.
            None => classes::limit(class, pattern.cabins()[classes::cabin_of(class)]),
        }
    }

    /// What was changed of the plan of a day.
    pub fn plans_on(&self, day: Day) -> Plans<'_> {
        Plans(self.plans.get(&day))
    }

    /// A leg of the timetable at the times that are planned for it now, whether or not it is cancelled.
    pub fn timed(&self, leg: Leg) -> Leg {
        self.record(leg.flight, leg.day).plan.of(leg)
    }

    /// The fares that a code grants to an account.
    pub fn granted(&self, code: &str, account: &str) -> impl Iterator<Item = &Arc<Negotiated>> {
        self.fares
            .get(code)
            .into_iter()
            .flatten()
            .filter(move |fare| fare.granted_to(account))
    }
}

/// What was changed of the plan of one day.
#[derive(Clone, Copy)]
pub struct Plans<'a>(Option<&'a HashMap<FlightIndex, Plan>>);

impl Plans<'_> {
    /// A leg of the timetable at the times that are planned for it now; `None` when it is cancelled.
    pub fn flown(&self, leg: Leg) -> Option<Leg> {
        match self.0.and_then(|plans| plans.get(&leg.flight)) {
            None => Some(leg),
            Some(plan) => (!plan.cancelled).then(|| plan.of(leg)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_untouched_flight_has_what_an_empty_record_has() {
        let world = World::load_carriers(&["BA"]).expect("well-formed");
        let overlay = Overlay::default();
        for flight in 0..40 {
            let pattern = world.flight(flight);
            for class in 0..17 {
                assert_eq!(
                    overlay.available(&world, flight, 20_892, class),
                    Record::default().available(pattern, class)
                );
            }
        }
    }

    #[test]
    fn answers_out_of_order_leave_the_newest() {
        let mut overlay = Overlay::default();
        let version = |version| {
            let mut record = Record::default();
            record.counters.version = version;
            record.plan.cancelled = version == 2;
            record.plan.changes = version - 1;
            record
        };
        overlay.put(3, 20_892, version(2));
        overlay.put(3, 20_892, version(1));
        assert_eq!(overlay.record(3, 20_892), version(2));
        let leg = Leg {
            flight: 3,
            day: 20_892,
            departs: 0,
            arrives: 1,
        };
        assert_eq!(overlay.plans_on(20_892).flown(leg), None);
        assert_eq!(overlay.plans_on(20_893).flown(leg), Some(leg));
    }
}
