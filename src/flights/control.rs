//! Inventory control: what is for sale, by booking class, why, and the limits that decide it.
//!
//! Availability is read from the same copy as searches, so that what is shown is what can be held.

use std::sync::PoisonError;

use super::classes::{self, ClassIndex};
use super::equipment::CABINS;
use super::inventory::Use;
use super::itinerary::Leg;
use super::overlay::{Overlay, Record};
use super::query::Query;
use super::search;
use super::state::State;
use super::times::{self, Moment};
use super::{Error, equipment};
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;

/// More seats than this are not told to those who buy.
pub const SEATS_SHOWN: u16 = 9;

impl State {
    /// A flight-date with its counters.
    ///
    /// # Errors
    /// There is no such flight on the date.
    pub async fn inventory(
        &self,
        context: &Context,
        flight: Option<rpc::FlightDate>,
    ) -> Result<rpc::FlightInventory, Error> {
        let (flight, leg) = self.given(flight)?;
        let record = self.store.record(&context.world, &flight).await?;
        Ok(self.shown(&leg, flight, &record))
    }

    /// The touched flight-dates of a world, from the store.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list_inventory(
        &self,
        context: &Context,
    ) -> Result<Vec<rpc::FlightInventory>, Error> {
        let touched = self.store.touched(Some(&context.world)).await?;
        let shown = touched.into_iter().filter_map(|(_, flight, record)| {
            let (flight, leg) = self.given(Some(flight)).ok()?;
            Some(self.shown(&leg, flight, &record))
        });
        Ok(shown.collect())
    }

    /// Sets limits of classes of a cabin.
    ///
    /// # Errors
    /// The flight, the cabin or a class of it does not exist; the flight has left or is cancelled; the inventory is not of the
    /// expected version; the limits are not nested.
    pub async fn set_limits(
        &self,
        context: &Context,
        request: rpc::SetLimitsRequest,
    ) -> Result<rpc::FlightInventory, Error> {
        let cabin = match request.cabin() {
            rpc::Cabin::Unspecified => return Err(Error::Invalid("a cabin is wanted")),
            cabin => equipment::cabin_index(cabin),
        };
        let (flight, leg) = self.given(request.flight)?;
        let known = {
            let shared = self.overlay(&context.world);
            let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
            overlay.record(leg.flight, leg.day)
        };
        let mut limits = Vec::with_capacity(request.limits.len());
        for limit in request.limits {
            let class = self.class_of(&leg, &known, &limit.booking_class)?;
            if classes::cabin_of(class) != cabin {
                return Err(Error::NotFound);
            }
            if limits.iter().any(|(known, _)| *known == class) {
                return Err(Error::Invalid("a class has one limit"));
            }
            // What does not fit is more than any cabin has, and refused as such.
            limits.push((class, u16::try_from(limit.limit).unwrap_or(u16::MAX)));
        }
        if limits.is_empty() {
            return Err(Error::Invalid("a limit is wanted"));
        }
        if known.plan.of(leg).departs <= times::moment_of_us(context.now_us) {
            return Err(Error::Departed);
        }
        let (store, world, named) = (self.store.clone(), context.world.clone(), flight.clone());
        let pattern = *self.world.flight(leg.flight);
        let expected_version = request.expected_version;
        let record = self
            .change(&context.world, async move {
                store
                    .set_limits(world, named, pattern, cabin, limits, expected_version)
                    .await
            })
            .await?;
        Ok(self.shown(&leg, flight, &record))
    }

    /// Why so many seats of a class are, or are not, for sale.
    ///
    /// # Errors
    /// There is no such flight on the date, or it has no such class.
    pub fn explain(
        &self,
        context: &Context,
        request: rpc::ExplainAvailabilityRequest,
    ) -> Result<rpc::Explanation, Error> {
        let (_, leg) = self.given(request.flight)?;
        let shared = self.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        let record = overlay.record(leg.flight, leg.day);
        let class = self.class_of(&leg, &record, &request.booking_class)?;
        let pattern = self.world.flight(leg.flight);
        let cabins = record.plan.cabins(pattern);
        let uses = record.counters.uses(&cabins, class);
        // Among equals the one that is nearest to the class.
        let binding = uses.iter().rev().min_by_key(|one| one.left()).copied();
        let now = times::moment_of_us(context.now_us);
        let closed = self.closed(&overlay, &leg, class, now);
        let seats = match closed {
            Some(_) => 0,
            None => record.available(pattern, class),
        };
        let available = u32::from(seats) >= request.seats.max(1);
        let binding = binding.filter(|_| closed.is_none());
        let told = |one: &Use| rpc::LimitUse {
            booking_class: classes::letter(one.class).to_string(),
            limit: u32::from(one.limit),
            used: u32::from(one.used),
            left: u32::from(one.left()),
            binds: binding.as_ref() == Some(one),
        };
        Ok(rpc::Explanation {
            available,
            seats_available: u32::from(seats),
            binding_class: binding
                .map_or(String::new(), |one| classes::letter(one.class).to_string()),
            reason: closed
                .unwrap_or(if available { "open" } else { "limit" })
                .to_owned(),
            limits: uses.iter().map(told).collect(),
            version: record.version(),
        })
    }

    /// The non-stop flights between two places on a date, with what each class has for sale.
    ///
    /// # Errors
    /// A place is no IATA code, or the date is none.
    pub fn availability(
        &self,
        context: &Context,
        request: &rpc::GetAvailabilityRequest,
    ) -> Result<rpc::GetAvailabilityResponse, Error> {
        let query = Query::of_flights(&request.origin, &request.destination, &request.date)?;
        let shared = self.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        let now = times::moment_of_us(context.now_us);
        let (legs, warnings) = search::non_stop(&self.world, &overlay, &query, now);
        let cabin = match request.cabin() {
            rpc::Cabin::Unspecified => None,
            cabin => Some(equipment::cabin_index(cabin)),
        };
        let flights = legs
            .iter()
            .map(|leg| rpc::FlightAvailability {
                flight: Some(self.flight(leg, &overlay.record(leg.flight, leg.day).plan)),
                classes: self.for_sale(&overlay, leg, cabin, now),
                version: overlay.record(leg.flight, leg.day).version(),
            })
            .collect();
        Ok(rpc::GetAvailabilityResponse {
            flights,
            warnings: warnings
                .iter()
                .map(|warning| warning.explain(&query))
                .collect(),
        })
    }

    fn for_sale(
        &self,
        overlay: &Overlay,
        leg: &Leg,
        cabin: Option<usize>,
        now: Moment,
    ) -> Vec<rpc::ClassAvailability> {
        let plan = overlay.record(leg.flight, leg.day).plan;
        let cabins = plan.cabins(self.world.flight(leg.flight));
        classes::all()
            .filter(|&class| {
                let own = classes::cabin_of(class);
                cabins[own] > 0 && cabin.is_none_or(|cabin| cabin == own)
            })
            .map(|class| {
                let seats = match self.closed(overlay, leg, class, now) {
                    Some(_) => 0,
                    None => overlay.available(&self.world, leg.flight, leg.day, class),
                };
                rpc::ClassAvailability {
                    cabin: equipment::cabin(classes::cabin_of(class)).into(),
                    booking_class: classes::letter(class).to_string(),
                    seats: u32::from(seats.min(SEATS_SHOWN)),
                }
            })
            .collect()
    }

    /// What else than limits keeps a class from being sold.
    fn closed(
        &self,
        overlay: &Overlay,
        leg: &Leg,
        class: ClassIndex,
        now: Moment,
    ) -> Option<&'static str> {
        let plan = overlay.record(leg.flight, leg.day).plan;
        if plan.cancelled {
            return Some("cancelled");
        }
        if !search::on_sale(overlay.timed(*leg).departs, now) {
            return Some("departed");
        }
        let days_before = leg.day - self.today(leg, now);
        (!classes::sold_at(class, days_before)).then_some("advance_purchase")
    }

    /// A class that a flight has.
    fn class_of(&self, leg: &Leg, record: &Record, letter: &str) -> Result<ClassIndex, Error> {
        let cabins = record.plan.cabins(self.world.flight(leg.flight));
        classes::by_letter(letter)
            .filter(|&class| is_there(&cabins, record, classes::cabin_of(class)))
            .ok_or(Error::NotFound)
    }

    fn shown(&self, leg: &Leg, flight: rpc::FlightDate, record: &Record) -> rpc::FlightInventory {
        let pattern = self.world.flight(leg.flight);
        let capacities = record.plan.cabins(pattern);
        let counters = &record.counters;
        let class = |class: ClassIndex| {
            let n = usize::from(class);
            rpc::BookingClass {
                booking_class: classes::letter(class).to_string(),
                limit: u32::from(counters.limit(class, capacities[classes::cabin_of(class)])),
                sold: u32::from(counters.sold[n]),
                held: u32::from(counters.held[n]),
                available: u32::from(record.available(pattern, class)),
            }
        };
        let cabins = (0..)
            .zip(capacities)
            .filter(|(cabin, _)| is_there(&capacities, record, *cabin))
            .map(|(cabin, capacity)| rpc::CabinInventory {
                cabin: equipment::cabin_name(cabin).to_owned(),
                capacity: u32::from(capacity),
                classes: classes::all()
                    .filter(|&class| classes::cabin_of(class) == cabin)
                    .map(class)
                    .collect(),
            });
        rpc::FlightInventory {
            flight: Some(flight),
            version: record.version(),
            cabins: cabins.collect(),
            status: record.plan.status().into(),
        }
    }
}

/// Whether a flight has a cabin, or has sold seats of it before it was given an aircraft without it.
fn is_there(cabins: &[u16; CABINS], record: &Record, cabin: usize) -> bool {
    let counters = &record.counters;
    let taken = |k: usize| counters.sold[k] > 0 || counters.held[k] > 0;
    cabins[cabin] > 0 || classes::of_cabin(cabin).any(taken)
}
