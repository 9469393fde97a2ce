//! The plan as staff see and change it: which flights are flown on a date and by what, cancelled ones and moved ones, and the log
//! of it.

use std::sync::PoisonError;

use super::itinerary::Leg;
use super::offer::{minutes, place_time};
use super::plan::{Command, Plan};
use super::state::{State, page_limit};
use super::store::{Replan, Turn};
use super::times;
use super::world::FlightIndex;
use super::{Error, equipment};
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;

/// Changes of a page of the log, when it does not say how many.
const CHANGES: u32 = 500;

impl State {
    /// The flights of a date that fit the request, by carrier and number.
    ///
    /// # Errors
    /// Neither a carrier nor an origin is named, or the date is none.
    pub fn list_flights(
        &self,
        context: &Context,
        request: &rpc::ListFlightsRequest,
    ) -> Result<rpc::ListFlightsResponse, Error> {
        let world = &self.world;
        let day = times::parse_day(&request.date).ok_or(Error::Invalid("a date is wanted"))?;
        let origins = world.airports_of(&request.origin);
        let candidates: Vec<FlightIndex> = match (request.carrier.as_str(), request.origin.as_str())
        {
            ("", "") => return Err(Error::Invalid("a carrier or an origin is wanted")),
            ("", _) => origins
                .iter()
                .flat_map(|&origin| world.routes_from(origin))
                .flat_map(|route| route.flights())
                .collect(),
            (carrier, _) => world
                .find_airline(carrier)
                .map_or(Vec::new(), |carrier| world.flights_of(carrier).to_vec()),
        };
        let destinations = world.airports_of(&request.destination);
        let mut fitting: Vec<_> = candidates
            .into_iter()
            .filter(|&index| {
                let flight = world.flight(index);
                flight.operates(day)
                    && (request.number == 0 || request.number == u32::from(flight.number))
                    && (request.origin.is_empty() || origins.contains(&flight.origin))
                    && (request.destination.is_empty()
                        || destinations.contains(&flight.destination))
            })
            .map(|index| {
                let flight = world.flight(index);
                (flight.carrier, flight.number, index)
            })
            .collect();
        fitting.sort_unstable();
        let name = |index: FlightIndex| {
            let flight = world.flight(index);
            format!("{}{}", world.airline(flight.carrier).code, flight.number)
        };
        let page = request.page.as_ref();
        let start = match page.map_or("", |page| page.after.as_str()) {
            "" => 0,
            // A position that was never given out starts an empty page.
            after => fitting
                .iter()
                .position(|(_, _, index)| name(*index) == after)
                .map_or(fitting.len(), |last| last + 1),
        };
        let limit = usize::try_from(page_limit(page)).expect("a small number");
        let end = fitting.len().min(start + limit);
        let shared = self.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        let shown = fitting[start..end].iter().map(|&(_, _, index)| {
            let plan = overlay.record(index, day).plan;
            self.flight(&Leg::on(world, index, day), &plan)
        });
        let more = end < fitting.len();
        Ok(rpc::ListFlightsResponse {
            flights: shown.collect(),
            next: fitting[start..end]
                .last()
                .filter(|_| more)
                .map_or(String::new(), |&(_, _, index)| name(index)),
        })
    }

    /// A flight as it is planned now.
    ///
    /// # Errors
    /// It is not in the timetable on the date.
    pub fn get_flight(
        &self,
        context: &Context,
        flight: Option<rpc::FlightDate>,
    ) -> Result<rpc::Flight, Error> {
        let (_, leg) = self.given(flight)?;
        let shared = self.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        Ok(self.flight(&leg, &overlay.record(leg.flight, leg.day).plan))
    }

    /// Changes the plan of a flight, or with `preview` says what would become of it.
    ///
    /// # Errors
    /// There is no such flight; its version is not the expected one; its state does not allow it; the key was used for another
    /// change.
    pub async fn replan(
        &self,
        asked: Replan,
        command: Command,
        preview: bool,
    ) -> Result<rpc::Flight, Error> {
        let (_, leg) = self.given(Some(asked.flight.clone()))?;
        let now = times::moment_of_us(asked.context.now_us);
        let this = self.clone();
        let turn = move |plan: Plan| -> Result<Turn, Error> {
            let origin = this.world.flight(leg.flight).origin;
            let zone = &this.world.airport(origin).zone;
            let next = plan.decide(command, &leg, zone, now)?;
            Ok(Turn {
                plan: next,
                before: this.flight(&leg, &plan),
                after: this.flight(&leg, &next),
            })
        };
        if preview {
            let record = self
                .store
                .record(&asked.context.world, &asked.flight)
                .await?;
            asked.expects(record.plan)?;
            return turn(record.plan).map(|turn| turn.after);
        }
        let (store, world) = (self.store.clone(), asked.context.world.clone());
        self.change(&world, async move { store.replan(asked, turn).await })
            .await
    }

    /// What makes an aircraft of an IATA type fly a flight; that of the timetable takes its place again.
    ///
    /// # Errors
    /// There is no such flight; there is no such type, or it cannot fly so far.
    pub fn equip(&self, flight: &rpc::FlightDate, equipment: &str) -> Result<Command, Error> {
        let (_, leg) = self.given(Some(flight.clone()))?;
        let pattern = self.world.flight(leg.flight);
        if equipment == equipment::code(pattern.equipment) {
            return Ok(Command::Equip(None));
        }
        let found = equipment::of_type(equipment, pattern.seats, pattern.distance_km);
        found
            .map(|one| Command::Equip(Some(one)))
            .ok_or(Error::Equipment)
    }

    /// What was changed of the plan after a position, in one world or, without one, in all.
    ///
    /// # Errors
    /// The store failed.
    pub async fn changes(
        &self,
        world: &str,
        after: u64,
        limit: u32,
    ) -> Result<rpc::ListChangesResponse, Error> {
        let limit = match limit {
            0 => CHANGES,
            limit => limit.min(CHANGES),
        };
        let mut changes = self.store.flight_changes(world, after, limit + 1).await?;
        let most = usize::try_from(limit).expect("a small number");
        let more = changes.len() > most;
        changes.truncate(most);
        Ok(rpc::ListChangesResponse { changes, more })
    }

    /// A flight of the timetable with what its plan makes of it.
    pub(super) fn flight(&self, leg: &Leg, plan: &Plan) -> rpc::Flight {
        let world = &self.world;
        let pattern = world.flight(leg.flight);
        let equipment = equipment::code(plan.configuration(pattern));
        let seats = (0..)
            .zip(plan.cabins(pattern))
            .filter(|(_, seats)| *seats > 0);
        let timed = plan.of(Leg::on(world, leg.flight, leg.day));
        rpc::Flight {
            flight: Some(rpc::FlightDate {
                carrier: world.airline(pattern.carrier).code.to_owned(),
                number: u32::from(pattern.number),
                date: times::day_text(leg.day),
                origin: world.airport(pattern.origin).code.to_owned(),
                destination: world.airport(pattern.destination).code.to_owned(),
            }),
            status: plan.status().into(),
            departure: Some(place_time(world, pattern.origin, timed.departs)),
            arrival: Some(place_time(world, pattern.destination, timed.arrives)),
            duration_minutes: minutes(timed.arrives - timed.departs),
            equipment: equipment.to_owned(),
            equipment_name: world.aircraft_name(equipment).to_owned(),
            version: plan.version(),
            replayed: false,
            cabins: seats
                .map(|(cabin, seats)| rpc::CabinSeats {
                    cabin: equipment::cabin(cabin).into(),
                    seats: u32::from(seats),
                })
                .collect(),
        }
    }
}
