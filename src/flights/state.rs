//! What flights keeps: the store, which is the truth, and the copy in memory that searches read.
//!
//! The copy is read at the start, and brought up to date after each commit and before its caller hears of it. Each subject has
//! its part of the work in a file of its own: seats, limits, the plan, fares.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Error;
use super::itinerary::Leg;
use super::negotiated::Negotiated;
use super::overlay::Overlay;
use super::store::{self, Done, Store};
use super::times::{self, Day, Moment};
use super::world::{FlightIndex, World};
use crate::rpc::flights::v1 as rpc;

/// Most entries of a page, and those of a page that asks for none.
const PAGE_MAX: u32 = 200;
const PAGE: u32 = 20;

/// The overlay of one world, shared with those who search it.
pub type SharedOverlay = Arc<RwLock<Overlay>>;

/// The store and the overlays; clones share both.
#[derive(Clone)]
pub struct State {
    pub(super) world: Arc<World>,
    pub(super) store: Store,
    overlays: Arc<RwLock<HashMap<String, SharedOverlay>>>,
}

impl State {
    /// Reads the overlays of all worlds.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn open(world: Arc<World>, store: Store) -> Result<Self, Error> {
        let state = Self {
            world,
            store,
            overlays: Arc::default(),
        };
        for (world, flight, record) in state.store.touched(None).await? {
            state.apply(&world, vec![(flight, record)], None);
        }
        for (world, fare) in state.store.active_fares().await? {
            state.apply(&world, Vec::new(), Some(fare));
        }
        Ok(state)
    }

    /// Waits for what was accepted, and closes the store.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// The overlay of a world, exact as of every change whose answer has been given.
    pub fn overlay(&self, world: &str) -> SharedOverlay {
        let known = self
            .overlays
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(world)
            .cloned();
        known.unwrap_or_default()
    }

    /// Runs a change to its end, whether or not its caller waits for it, and brings the copy in memory up to date.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        world: &str,
        change: impl Future<Output = Result<Done<T>, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let (this, world) = (self.clone(), world.to_owned());
        let task = tokio::spawn(async move {
            let done = change.await?;
            this.apply(&world, done.records, done.fare);
            done.answer
        });
        task.await.map_err(|_| store::Error::Interrupted)?
    }

    /// Answers may come out of order; the overlay keeps what is newer.
    fn apply(
        &self,
        world: &str,
        records: Vec<(rpc::FlightDate, super::overlay::Record)>,
        fare: Option<rpc::Fare>,
    ) {
        if records.is_empty() && fare.is_none() {
            return;
        }
        let shared = {
            let mut worlds = self
                .overlays
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            worlds.entry(world.to_owned()).or_default().clone()
        };
        let mut overlay = shared.write().unwrap_or_else(PoisonError::into_inner);
        for (flight, record) in records {
            // A flight that left the timetable is no longer found by searches.
            if let Some((index, day)) = self.find(&flight) {
                overlay.put(index, day, record);
            }
        }
        // So is a fare whose carrier or places did.
        if let Some(fare) = fare.and_then(|fare| Negotiated::read(&self.world, &fare).ok()) {
            overlay.put_fare(fare);
        }
    }

    /// The flight of the timetable on the date that is named; `None` when there is none.
    pub(super) fn find(&self, flight: &rpc::FlightDate) -> Option<(FlightIndex, Day)> {
        let carrier = self.world.find_airline(&flight.carrier)?;
        let index = self
            .world
            .find_flight(carrier, u16::try_from(flight.number).ok()?)?;
        let day = times::parse_day(&flight.date)?;
        let pattern = self.world.flight(index);
        let same = self.world.airport(pattern.origin).code == flight.origin
            && self.world.airport(pattern.destination).code == flight.destination;
        (same && pattern.operates(day)).then_some((index, day))
    }

    /// The name and the leg of the timetable of a flight that a request must give.
    ///
    /// # Errors
    /// None is given, or there is none.
    pub(super) fn given(
        &self,
        flight: Option<rpc::FlightDate>,
    ) -> Result<(rpc::FlightDate, Leg), Error> {
        let flight = flight.ok_or(Error::Invalid("a flight is wanted"))?;
        let (index, day) = self.find(&flight).ok_or(Error::NotFound)?;
        Ok((flight, Leg::on(&self.world, index, day)))
    }

    /// The local day where a flight leaves.
    pub(super) fn today(&self, leg: &Leg, now: Moment) -> Day {
        let origin = self.world.flight(leg.flight).origin;
        times::local_day(&self.world.airport(origin).zone, now)
    }
}

/// How many entries a page is to have.
pub(super) fn page_limit(page: Option<&crate::rpc::common::v1::Page>) -> u32 {
    match page.map_or(0, |page| page.limit) {
        0 => PAGE,
        limit => limit.min(PAGE_MAX),
    }
}
