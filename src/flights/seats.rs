//! Holding and selling seats: the service's half of the inventory.
//!
//! The store is the truth. What searches need of it is kept in memory as well: read at the start, and brought up to date
//! after each commit and before its caller hears of it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::hold::Command;
use super::inventory::Counters;
use super::search::Touched;
use super::store::{self, Ended, Store, Wanted};
use super::times::{self, Day, LocalDay, Moment};
use super::world::{FlightIndex, World};
use super::{Error, classes, equipment};
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;

/// Most items of a hold, and most seats of an item: far above what an order needs.
const ITEMS_MAX: usize = 24;
const SEATS_MAX: u32 = 999;

/// The touched flight-dates of one world, shared with those who search it.
pub type SharedTouched = Arc<RwLock<Touched>>;

/// Holds, counters, and the copy of the counters that searches read.
#[derive(Clone)]
pub struct Seats {
    world: Arc<World>,
    store: Store,
    touched: Arc<RwLock<HashMap<String, SharedTouched>>>,
}

impl Seats {
    /// Reads the counters of all worlds.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn open(world: Arc<World>, store: Store) -> Result<Self, Error> {
        let seats = Self {
            world,
            store,
            touched: Arc::default(),
        };
        for (world, flight, counters) in seats.store.touched(None).await? {
            seats.apply(&world, &[(flight, counters)]);
        }
        Ok(seats)
    }

    /// Waits for what was accepted, and closes the store.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// The touched flight-dates of a world, exact as of every change whose answer has been given.
    pub fn touched(&self, world: &str) -> SharedTouched {
        let known = self
            .touched
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(world)
            .cloned();
        known.unwrap_or_default()
    }

    /// Holds all items or none.
    ///
    /// # Errors
    /// A flight does not exist, has left or has too few seats; the hold would be over at once; its id was used before.
    pub async fn hold(
        &self,
        context: &Context,
        request: rpc::HoldSeatsRequest,
    ) -> Result<rpc::Hold, Error> {
        if request.hold_id.is_empty() || !(1..=ITEMS_MAX).contains(&request.items.len()) {
            return Err(Error::Invalid("a hold has an id and one to 24 items"));
        }
        // A repeat is answered before anything else is judged: by then the flight may have left.
        if let Some((account, hold)) = self.store.hold(&context.world, &request.hold_id).await? {
            let same = account == context.account_id && hold.items == request.items;
            return if same {
                Ok(hold)
            } else {
                Err(Error::HoldReused)
            };
        }
        if request.expires_at_us <= context.now_us {
            return Err(Error::HoldExpired);
        }
        let now = times::moment_of_us(context.now_us);
        let wanted = request
            .items
            .iter()
            .map(|item| self.wanted(item, now))
            .collect::<Result<_, _>>()?;
        let hold = rpc::Hold {
            id: request.hold_id,
            state: rpc::HoldState::Active.into(),
            items: request.items,
            expires_at_us: request.expires_at_us,
        };
        let (store, world, account) = (
            self.store.clone(),
            context.world.clone(),
            context.account_id.clone(),
        );
        self.write(&context.world, async move {
            store.hold_seats(world, account, hold, wanted).await
        })
        .await
    }

    /// Carries a command out on a hold.
    ///
    /// # Errors
    /// The hold does not exist for the caller, is expired, or its state does not allow the command.
    pub async fn end(
        &self,
        context: &Context,
        hold_id: String,
        command: Command,
    ) -> Result<rpc::Hold, Error> {
        let (store, world, account) = (
            self.store.clone(),
            context.world.clone(),
            context.account_id.clone(),
        );
        let now_us = context.now_us;
        self.write(&context.world, async move {
            store.end(world, account, hold_id, command, now_us).await
        })
        .await
    }

    /// A hold of the account, or of any for the platform itself.
    ///
    /// # Errors
    /// The hold does not exist for the caller.
    pub async fn get(&self, context: &Context, hold_id: &str) -> Result<rpc::Hold, Error> {
        let found = self.store.hold(&context.world, hold_id).await?;
        let visible = found
            .filter(|(account, _)| context.account_id.is_empty() || *account == context.account_id);
        visible.map(|(_, hold)| hold).ok_or(Error::NotFound)
    }

    /// Ends the holds that are due and says how many they were.
    ///
    /// # Errors
    /// The store failed; what was ended stays ended.
    pub async fn run_due(&self, context: &Context) -> Result<u32, Error> {
        let mut expired = 0;
        loop {
            let (this, world, now_us) = (self.clone(), context.world.clone(), context.now_us);
            // In a task of its own: the copy in memory follows even when the caller no longer waits.
            let batch = tokio::spawn(async move {
                let (count, ended) = this.store.expire_due(world.clone(), now_us).await?;
                ended
                    .iter()
                    .for_each(|ended| this.apply(&world, &ended.changed));
                Ok::<_, Error>(count)
            });
            let count = batch.await.map_err(|_| store::Error::Interrupted)??;
            if count == 0 {
                return Ok(expired);
            }
            expired += u32::try_from(count).expect("a batch is small");
        }
    }

    /// A flight-date with its counters.
    ///
    /// # Errors
    /// There is no such flight on the date.
    pub async fn inventory(
        &self,
        context: &Context,
        flight: rpc::FlightDate,
    ) -> Result<rpc::FlightInventory, Error> {
        let (index, _) = self.find(&flight).ok_or(Error::NotFound)?;
        let counters = self.store.counters(&context.world, &flight).await?;
        Ok(self.shown(index, flight, &counters))
    }

    /// The touched flight-dates of a world, from the store.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list(&self, context: &Context) -> Result<Vec<rpc::FlightInventory>, Error> {
        let touched = self.store.touched(Some(&context.world)).await?;
        let shown = touched.into_iter().filter_map(|(_, flight, counters)| {
            let (index, _) = self.find(&flight)?;
            Some(self.shown(index, flight, &counters))
        });
        Ok(shown.collect())
    }

    /// Runs a change to its end, whether or not its caller waits for it, and brings the copy in memory up to date.
    async fn write(
        &self,
        world: &str,
        change: impl Future<Output = Result<Ended, Error>> + Send + 'static,
    ) -> Result<rpc::Hold, Error> {
        let (this, world) = (self.clone(), world.to_owned());
        let task = tokio::spawn(async move {
            let ended = change.await?;
            this.apply(&world, &ended.changed);
            match ended.refused {
                None => Ok(ended.hold),
                Some(refused) => Err(refused),
            }
        });
        task.await.map_err(|_| store::Error::Interrupted)?
    }

    /// Answers may come out of order; the version tells which counters are newer.
    fn apply(&self, world: &str, changed: &[(rpc::FlightDate, Counters)]) {
        if changed.is_empty() {
            return;
        }
        let shared = {
            let mut worlds = self.touched.write().unwrap_or_else(PoisonError::into_inner);
            worlds.entry(world.to_owned()).or_default().clone()
        };
        let mut touched = shared.write().unwrap_or_else(PoisonError::into_inner);
        for (flight, counters) in changed {
            // A flight that left the timetable is no longer found by searches.
            let Some(key) = self.find(flight) else {
                continue;
            };
            let known = touched.entry(key).or_default();
            if known.version < counters.version {
                *known = *counters;
            }
        }
    }

    fn wanted(&self, item: &rpc::HoldItem, now: Moment) -> Result<Wanted, Error> {
        let class = classes::by_letter(&item.booking_class)
            .ok_or(Error::Invalid("a booking class does not exist"))?;
        if !(1..=SEATS_MAX).contains(&item.seats) {
            return Err(Error::Invalid("an item has one to 999 seats"));
        }
        let flight = item
            .flight
            .clone()
            .ok_or(Error::Invalid("an item has a flight"))?;
        let (index, day) = self.find(&flight).ok_or(Error::NotFound)?;
        let pattern = self.world.flight(index);
        let local = LocalDay::new(&self.world.airport(pattern.origin).zone, day);
        if local.moment(pattern.departure) <= now {
            return Err(Error::SeatsUnavailable);
        }
        Ok(Wanted {
            flight,
            cabins: equipment::cabins(pattern.equipment, pattern.seats, pattern.distance_km),
            class,
            seats: u16::try_from(item.seats).expect("checked above"),
        })
    }

    fn find(&self, flight: &rpc::FlightDate) -> Option<(FlightIndex, Day)> {
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

    fn shown(
        &self,
        index: FlightIndex,
        flight: rpc::FlightDate,
        counters: &Counters,
    ) -> rpc::FlightInventory {
        let pattern = self.world.flight(index);
        let capacities = equipment::cabins(pattern.equipment, pattern.seats, pattern.distance_km);
        let class = |capacity: u16, n: usize| {
            let class = u8::try_from(n).expect("classes are few");
            rpc::BookingClass {
                booking_class: classes::letter(class).to_string(),
                limit: u32::from(classes::limit(class, capacity)),
                sold: u32::from(counters.sold[n]),
                held: u32::from(counters.held[n]),
                available: u32::from(counters.available(&capacities, class)),
            }
        };
        let cabins = (0..)
            .zip(capacities)
            .filter(|(_, capacity)| *capacity > 0)
            .map(|(cabin, capacity)| rpc::CabinInventory {
                cabin: equipment::cabin_name(cabin).to_owned(),
                capacity: u32::from(capacity),
                classes: classes::of_cabin(cabin)
                    .map(|n| class(capacity, n))
                    .collect(),
            });
        rpc::FlightInventory {
            flight: Some(flight),
            version: counters.version,
            cabins: cabins.collect(),
        }
    }
}
