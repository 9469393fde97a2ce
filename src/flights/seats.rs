//! Holding and selling seats: the service's half of the inventory.
//!
//! Who holds what, and until when, is decided in the store's transaction; here requests are read and flights looked up.

use std::sync::PoisonError;

use super::hold::Command;
use super::overlay::Overlay;
use super::state::State;
use super::store::Wanted;
use super::times::{self, Moment};
use super::{Error, classes};
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;

/// Most items of a hold, and most seats of an item: far above what an order needs.
const ITEMS_MAX: usize = 24;
const SEATS_MAX: u32 = 999;

impl State {
    /// Holds all items or none. Repeated, it is answered as it is, or keeps the seats longer if that is asked for.
    ///
    /// # Errors
    /// A flight does not exist, has left, is cancelled or has too few seats; the hold would be over at once, or is; its id was used
    /// for another.
    pub async fn hold(
        &self,
        context: &Context,
        request: rpc::HoldSeatsRequest,
    ) -> Result<rpc::Hold, Error> {
        if request.hold_id.is_empty() || !(1..=ITEMS_MAX).contains(&request.items.len()) {
            return Err(Error::Invalid("a hold has an id and one to 24 items"));
        }
        // A repeat is answered before anything else is judged: by then the flight may have left.
        if let Some(known) = self.store.hold(&context.world, &request.hold_id).await? {
            if known.account_id != context.account_id || known.items != request.items {
                return Err(Error::KeyReused);
            }
            let known = if request.extend && request.expires_at_us > known.expires_at_us {
                let extend = Command::Extend(request.expires_at_us);
                self.end(context, request.hold_id, extend).await?
            } else {
                known
            };
            return Ok(rpc::Hold {
                replayed: true,
                ..known
            });
        }
        if request.expires_at_us <= context.now_us {
            return Err(Error::HoldExpired);
        }
        let now = times::moment_of_us(context.now_us);
        let wanted = {
            let shared = self.overlay(&context.world);
            let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
            let wanted = request.items.iter();
            wanted
                .map(|item| self.wanted(&overlay, item, now))
                .collect::<Result<_, _>>()?
        };
        let hold = rpc::Hold {
            id: request.hold_id,
            state: rpc::HoldState::Active.into(),
            items: request.items,
            expires_at_us: request.expires_at_us,
            account_id: context.account_id.clone(),
            created_at_us: context.now_us,
            version: 1,
            replayed: false,
        };
        let (store, world) = (self.store.clone(), context.world.clone());
        self.change(&context.world, async move {
            store.hold_seats(world, hold, wanted).await
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
        self.change(&context.world, async move {
            store.end(world, account, hold_id, command, now_us).await
        })
        .await
    }

    /// Makes sure that no hold can be made under an id that has none: the ended hold, without seats, that is kept instead.
    ///
    /// # Errors
    /// There is a hold by now.
    pub async fn forestall(&self, context: &Context, hold_id: &str) -> Result<rpc::Hold, Error> {
        let ended = rpc::Hold {
            id: hold_id.to_owned(),
            state: rpc::HoldState::Released.into(),
            account_id: context.account_id.clone(),
            created_at_us: context.now_us,
            expires_at_us: context.now_us,
            version: 1,
            ..rpc::Hold::default()
        };
        let (store, world) = (self.store.clone(), context.world.clone());
        let kept = self.change(&context.world, async move {
            store.forestall(world, ended).await
        });
        kept.await
    }

    /// A hold of the account, or of any for the platform itself.
    ///
    /// # Errors
    /// The hold does not exist for the caller.
    pub async fn get(&self, context: &Context, hold_id: &str) -> Result<rpc::Hold, Error> {
        let found = self.store.hold(&context.world, hold_id).await?;
        let visible = found
            .filter(|hold| context.account_id.is_empty() || hold.account_id == context.account_id);
        visible.ok_or(Error::NotFound)
    }

    /// Ends the holds that are due and says how many they were.
    ///
    /// # Errors
    /// The store failed; what was ended stays ended.
    pub async fn run_due(&self, context: &Context) -> Result<u32, Error> {
        let mut expired = 0;
        loop {
            let (store, world, now_us) =
                (self.store.clone(), context.world.clone(), context.now_us);
            let batch = self
                .change(&context.world, async move {
                    store.expire_due(world, now_us).await
                })
                .await?;
            if batch == 0 {
                return Ok(expired);
            }
            expired += batch;
        }
    }

    fn wanted(
        &self,
        overlay: &Overlay,
        item: &rpc::HoldItem,
        now: Moment,
    ) -> Result<Wanted, Error> {
        if !(1..=SEATS_MAX).contains(&item.seats) {
            return Err(Error::Invalid("an item has one to 999 seats"));
        }
        let (flight, leg) = self.given(item.flight.clone())?;
        // A class that no flight has is as good as sold out.
        let class = classes::by_letter(&item.booking_class).ok_or(Error::SeatsUnavailable)?;
        // An offer that was made just before midnight is held just after it: hence one day more than the class asks for.
        let days_before = leg.day - self.today(&leg, now) + 1;
        if overlay.timed(leg).departs <= now || !classes::sold_at(class, days_before) {
            return Err(Error::SeatsUnavailable);
        }
        Ok(Wanted {
            flight,
            pattern: *self.world.flight(leg.flight),
            class,
            seats: u16::try_from(item.seats).expect("checked above"),
        })
    }
}
