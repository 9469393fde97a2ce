//! What identity is made of, how it starts and stops, and whose question a request is. What it answers is in the file of each
//! noun.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use super::credentials::Known;
use super::store::Store;
use super::world::World;
use super::{Error, Keys, MasterKey};
use crate::kernel::chance::Chance;
use crate::kernel::clock::Clock;
use crate::platform::bus::Bus;
use crate::platform::outbox::Relay;
use crate::rpc::common::v1::Context;

pub(super) const NAME_LEN_MAX: usize = 200;

/// Accounts, keys, the audit and clocks, over one database.
pub struct IdentityService {
    pub(super) store: Store,
    pub(super) chance: Chance,
    /// The machine's time, in which credentials live whatever their world.
    pub(super) clock: Clock,
    pub(super) keys: Keys,
    pub(super) known: RwLock<Known>,
    worlds: RwLock<HashMap<String, Arc<World>>>,
    relay: Relay,
}

impl IdentityService {
    /// Opens or makes the database at `path` and publishes its outbox on `bus`. `clock` is the live world's.
    ///
    /// # Errors
    /// The database cannot be opened or read.
    pub async fn open(
        path: &Path,
        bus: &Bus,
        chance: Chance,
        clock: Clock,
        key: &MasterKey,
    ) -> Result<Self, Error> {
        let store = Store::open(path).await?;
        let frozen = store
            .clocks()
            .await?
            .into_iter()
            .map(|clock| World::frozen(clock.world, clock.id, clock.now_us));
        let worlds = frozen
            .chain([World::live(clock.clone())])
            .map(|world| (world.id.clone(), Arc::new(world)))
            .collect();
        Ok(Self {
            relay: Relay::start(store.db(), bus.clone()),
            store,
            chance,
            clock,
            keys: Keys::of(key),
            known: RwLock::default(),
            worlds: RwLock::new(worlds),
        })
    }

    /// Returns once all that was said is published; how many events that are since the start.
    pub async fn drain(&self) -> u64 {
        self.relay.drain().await
    }

    /// What publishes its outbox, for who looks at what was parked of it.
    pub fn relay(&self) -> Relay {
        self.relay.clone()
    }

    /// Commits what was accepted and closes the database.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// A world that is there.
    pub(super) fn world(&self, id: &str) -> Option<Arc<World>> {
        self.worlds
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned()
    }

    /// Takes a world that was just made from the store, where the first of two that made it at once has won.
    pub(super) async fn remember_world(&self, id: &str) -> Result<Arc<World>, Error> {
        let clock = self
            .store
            .clocks()
            .await?
            .into_iter()
            .find(|clock| clock.world == id);
        let clock = clock.ok_or(Error::NotFound("world"))?;
        let mut worlds = self.worlds.write().unwrap_or_else(PoisonError::into_inner);
        let made = || Arc::new(World::frozen(clock.world, clock.id, clock.now_us));
        Ok(worlds.entry(id.to_owned()).or_insert_with(made).clone())
    }
}

/// What whoever asks may see.
#[derive(Clone, Copy)]
pub(super) enum Sight<'a> {
    /// Whoever runs the platform: everything.
    Operator,
    /// The platform's staff: a world.
    World(&'a str),
    /// An account: what is its own.
    Account { world: &'a str, id: &'a str },
}

impl<'a> Sight<'a> {
    /// Of the caller that a context names.
    pub fn of(context: Option<&'a Context>) -> Result<Self, Error> {
        let context = context.ok_or(Error::Invalid("context"))?;
        Ok(
            match (context.world.as_str(), context.account_id.as_str()) {
                ("", "") => Self::Operator,
                (world, "") => Self::World(world),
                (world, id) => Self::Account { world, id },
            },
        )
    }

    /// The same for what only the platform may do.
    pub fn of_platform(context: Option<&'a Context>) -> Result<Self, Error> {
        match context {
            None => Err(Error::PlatformOnly),
            Some(context) if !context.account_id.is_empty() => Err(Error::PlatformOnly),
            Some(_) => Self::of(context),
        }
    }

    /// The world that is seen; empty for all.
    pub fn world(self) -> &'a str {
        match self {
            Self::Operator => "",
            Self::World(world) | Self::Account { world, .. } => world,
        }
    }

    /// The only account that is seen; empty for all.
    pub fn account(self) -> &'a str {
        match self {
            Self::Operator | Self::World(_) => "",
            Self::Account { id, .. } => id,
        }
    }

    /// Whether a thing of this world and account is seen.
    pub fn covers(self, world: &str, account_id: &str) -> bool {
        ["", world].contains(&self.world()) && ["", account_id].contains(&self.account())
    }
}

pub(super) fn check(holds: bool, what: &'static str) -> Result<(), Error> {
    if holds {
        Ok(())
    } else {
        Err(Error::Invalid(what))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::rpc::identity::v1 as rpc;

    pub const PLATFORM: &str = "";
    pub const OTHER_WORLD: &str = "wld_other";

    pub async fn open(dir: &tempfile::TempDir) -> IdentityService {
        open_with(dir, &Bus::new(), Clock::manual(77)).await
    }

    pub async fn open_with(dir: &tempfile::TempDir, bus: &Bus, clock: Clock) -> IdentityService {
        let path = dir.path().join("identity.db");
        let key = MasterKey([7; 32]);
        IdentityService::open(&path, bus, Chance::seeded(1), clock, &key)
            .await
            .expect("the file opens")
    }

    pub fn context(world: &str, account_id: &str) -> Option<Context> {
        Some(Context {
            world: world.to_owned(),
            account_id: account_id.to_owned(),
            ..Context::default()
        })
    }

    pub fn account(number: u64, test: bool, world: &str) -> rpc::CreateAccountRequest {
        rpc::CreateAccountRequest {
            context: context("", PLATFORM),
            account_id: format!("acc_{number:026}"),
            name: "An account".to_owned(),
            test,
            world: world.to_owned(),
            clock_id: format!("clk_{number:026}"),
            clock_starts_at_us: 1000,
            agency: None,
        }
    }
}
