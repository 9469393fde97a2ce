//! Accounts and keys: makes them, and says whose a secret is. Their clocks are in `clocks.rs`.
//! A key that was seen once is answered from memory; keys are never changed, so what is remembered stays true.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use subtle::ConstantTimeEq;

use super::secret::Secret;
use super::store::{self, Store};
use super::world::{self, World};
use super::{Error, sandbox};
use crate::kernel::chance::Chance;
use crate::kernel::clock::{Clock, LIVE_WORLD};
use crate::kernel::id::{AccountId, ClockId, KeyId};
use crate::rpc::common::v1::Context;
use crate::rpc::identity::v1 as rpc;

const AUDIENCES: [&str; 3] = ["public", "partner", "private"];
const NAME_LEN_MAX: usize = 200;

/// Accounts, keys and clocks, over one database.
pub struct IdentityService {
    pub(super) store: Store,
    chance: Chance,
    worlds: RwLock<HashMap<String, Arc<World>>>,
    /// Found by the start of the digest, so that the whole of it is compared in constant time.
    known: RwLock<HashMap<[u8; 8], Arc<KnownKey>>>,
}

struct KnownKey {
    key: store::Key,
    world: Arc<World>,
}

impl IdentityService {
    /// Opens or makes the database at `path`. `clock` is the live world's.
    pub async fn open(path: &Path, chance: Chance, clock: Clock) -> Result<Self, Error> {
        let store = Store::open(path).await?;
        let frozen = store
            .clocks()
            .await?
            .into_iter()
            .map(|clock| World::frozen(clock.world, clock.id, clock.now_us));
        let worlds = frozen
            .chain([World::live(clock)])
            .map(|world| (world.id.clone(), Arc::new(world)))
            .collect();
        Ok(Self {
            store,
            chance,
            worlds: RwLock::new(worlds),
            known: RwLock::default(),
        })
    }

    /// Commits what was accepted and closes the database.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Says whose a secret is.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], whatever the reason.
    pub async fn verify_key(
        &self,
        request: &rpc::VerifyKeyRequest,
    ) -> Result<rpc::Principal, Error> {
        let secret = Secret::parse(&request.secret).ok_or(Error::Unauthenticated)?;
        let digest = secret.digest();
        let known = match self.remembered(&digest) {
            Some(known) => known,
            None => self.look_up(digest).await?.ok_or(Error::Unauthenticated)?,
        };
        if known.key.audience != request.audience || known.world.is_live() != secret.is_live() {
            return Err(Error::Unauthenticated);
        }
        Ok(rpc::Principal {
            account_id: known.key.account_id.clone(),
            key_id: known.key.id.clone(),
            scopes: known.key.scopes.clone(),
            world: known.world.id.clone(),
            livemode: known.world.is_live(),
            now_us: known.world.now_us(),
        })
    }

    fn remembered(&self, digest: &[u8; 32]) -> Option<Arc<KnownKey>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&start_of(digest))
            .filter(|known| known.key.digest.ct_eq(digest).into())
            .cloned()
    }

    async fn look_up(&self, digest: [u8; 32]) -> Result<Option<Arc<KnownKey>>, Error> {
        let Some(key) = self.store.key(digest).await? else {
            return Ok(None);
        };
        let Some(account) = self.store.account(&key.account_id).await? else {
            return Ok(None);
        };
        let Some(world) = self.world(&account.world) else {
            return Ok(None);
        };
        let found = Arc::new(KnownKey { key, world });
        self.known
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(start_of(&digest), found.clone());
        Ok(Some(found))
    }

    /// Makes an account, and its world when there is none of that name; a repeat returns the account.
    pub async fn create_account(
        &self,
        request: rpc::CreateAccountRequest,
    ) -> Result<rpc::Account, Error> {
        platform_only(request.context.as_ref())?;
        let named = !request.name.is_empty() && request.name.len() <= NAME_LEN_MAX;
        check(
            AccountId::parse(&request.account_id).is_some(),
            "account id",
        )?;
        check(named, "name")?;
        let (world, clock) = if request.test {
            check(world::is_test_name(&request.world), "world")?;
            let clock = match self.world(&request.world) {
                Some(_) => None,
                None => {
                    check(ClockId::parse(&request.clock_id).is_some(), "clock id")?;
                    check(request.clock_starts_at_us > 0, "start of the clock")?;
                    Some(store::Clock {
                        id: request.clock_id,
                        world: request.world.clone(),
                        now_us: request.clock_starts_at_us,
                    })
                }
            };
            (request.world, clock)
        } else {
            (LIVE_WORLD.to_owned(), None)
        };
        let account = store::Account {
            id: request.account_id,
            name: request.name,
            world,
        };
        self.store.create_account(account.clone(), clock).await?;
        let world = match self.world(&account.world) {
            Some(world) => world,
            None => self.remember_world(&account.world).await?,
        };
        Ok(rpc::Account {
            id: account.id,
            name: account.name,
            livemode: world.is_live(),
            clock_id: world.clock_id().unwrap_or_default().to_owned(),
            world: account.world,
        })
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
    async fn remember_world(&self, id: &str) -> Result<Arc<World>, Error> {
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

    /// Makes a key. A repeat finds it; its secret is then in the answer only if the caller chose it.
    pub async fn create_key(
        &self,
        request: rpc::CreateKeyRequest,
    ) -> Result<rpc::CreateKeyResponse, Error> {
        platform_only(request.context.as_ref())?;
        let now_us = request.context.as_ref().map_or(0, |context| context.now_us);
        check(KeyId::parse(&request.key_id).is_some(), "key id")?;
        check(AUDIENCES.contains(&request.audience.as_str()), "audience")?;
        let scopes_read = request
            .scopes
            .iter()
            .all(|scope| !scope.is_empty() && !scope.contains(char::is_whitespace));
        check(scopes_read, "scope")?;
        let account = self
            .store
            .account(&request.account_id)
            .await?
            .ok_or(Error::NotFound("account"))?;
        let live = account.world == LIVE_WORLD;
        let chosen = !request.chosen_secret.is_empty();
        let secret = if chosen {
            let of_its_world =
                request.chosen_secret != sandbox::KEY || account.world == sandbox::WORLD;
            check(!live && of_its_world, "chosen secret")?;
            Secret::parse(&request.chosen_secret)
                .filter(|secret| !secret.is_live())
                .ok_or(Error::Invalid("chosen secret"))?
        } else {
            Secret::new(live, &self.chance)
        };
        let key = store::Key {
            id: request.key_id.clone(),
            account_id: account.id,
            audience: request.audience,
            scopes: request.scopes,
            digest: secret.digest(),
            last_four: secret.last_four().to_owned(),
            created_at_us: now_us,
        };
        let made = self.store.create_key(key, chosen).await?;
        let secret = if made || chosen {
            secret.reveal()
        } else {
            String::new()
        };
        Ok(rpc::CreateKeyResponse {
            key_id: request.key_id,
            secret,
        })
    }
}

fn start_of(digest: &[u8; 32]) -> [u8; 8] {
    std::array::from_fn(|at| digest[at])
}

fn platform_only(context: Option<&Context>) -> Result<(), Error> {
    match context {
        Some(context) if context.account_id.is_empty() => Ok(()),
        _ => Err(Error::PlatformOnly),
    }
}

fn check(holds: bool, what: &'static str) -> Result<(), Error> {
    if holds {
        Ok(())
    } else {
        Err(Error::Invalid(what))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const PLATFORM: &str = "";
    pub const OTHER_WORLD: &str = "wld_other";

    pub async fn open(dir: &tempfile::TempDir) -> IdentityService {
        IdentityService::open(
            &dir.path().join("identity.db"),
            Chance::seeded(1),
            Clock::manual(77),
        )
        .await
        .expect("a fresh file opens")
    }

    pub fn context(world: &str, account_id: &str) -> Option<Context> {
        Some(Context {
            world: world.to_owned(),
            account_id: account_id.to_owned(),
            ..Context::default()
        })
    }

    pub fn account(number: u8, test: bool, world: &str) -> rpc::CreateAccountRequest {
        rpc::CreateAccountRequest {
            context: context("", PLATFORM),
            account_id: format!("acc_{number:026}"),
            name: "An account".to_owned(),
            test,
            world: world.to_owned(),
            clock_id: format!("clk_{number:026}"),
            clock_starts_at_us: 1000,
        }
    }

    fn key(number: u8, account: u8, chosen_secret: &str) -> rpc::CreateKeyRequest {
        rpc::CreateKeyRequest {
            context: context("", PLATFORM),
            key_id: format!("key_{number:026}"),
            account_id: format!("acc_{account:026}"),
            audience: "public".to_owned(),
            scopes: vec!["orders:read".to_owned(), "orders:write".to_owned()],
            chosen_secret: chosen_secret.to_owned(),
        }
    }

    fn verify(secret: &str, audience: &str) -> rpc::VerifyKeyRequest {
        rpc::VerifyKeyRequest {
            secret: secret.to_owned(),
            audience: audience.to_owned(),
        }
    }

    #[tokio::test]
    async fn key_is_known_by_its_secret_before_and_after_a_restart() {
        let dir = tempfile::tempdir().expect("a directory");
        let identity = open(&dir).await;
        identity
            .create_account(account(1, true, sandbox::WORLD))
            .await
            .expect("the account is new");
        let made = identity
            .create_key(key(1, 1, sandbox::KEY))
            .await
            .expect("the key is new");
        assert_eq!(made.secret, sandbox::KEY);
        let principal = identity
            .verify_key(&verify(sandbox::KEY, "public"))
            .await
            .expect("it is known");
        assert_eq!(principal.scopes, ["orders:read", "orders:write"]);
        assert_eq!(
            (
                principal.world.as_str(),
                principal.livemode,
                principal.now_us
            ),
            (sandbox::WORLD, false, 1000)
        );
        identity.close().await;
        let warm = identity
            .verify_key(&verify(sandbox::KEY, "public"))
            .await
            .expect("no database is needed");
        assert_eq!(warm, principal);

        let identity = open(&dir).await;
        assert_eq!(
            identity
                .verify_key(&verify(sandbox::KEY, "public"))
                .await
                .expect("it is known"),
            principal
        );
        for (secret, audience) in [
            (sandbox::KEY, "partner"),
            ("sk_test_Fareway0Sandbox0Key00000kEVaW", "public"),
            ("", "public"),
            (&Secret::new(false, &Chance::seeded(9)).reveal(), "public"),
        ] {
            let refused = identity.verify_key(&verify(secret, audience)).await;
            assert!(
                matches!(refused, Err(Error::Unauthenticated)),
                "{secret} {audience}"
            );
        }
    }

    #[tokio::test]
    async fn repeats_find_what_was_made_and_other_requests_under_an_id_are_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let identity = open(&dir).await;
        let first = identity
            .create_account(account(1, true, OTHER_WORLD))
            .await
            .expect("it is new");
        assert_eq!(
            identity
                .create_account(account(1, true, OTHER_WORLD))
                .await
                .expect("a repeat"),
            first
        );
        let joined = identity
            .create_account(account(2, true, OTHER_WORLD))
            .await
            .expect("it is new");
        assert_eq!(
            joined.clock_id, first.clock_id,
            "the second joins the world of the first"
        );
        let renamed = rpc::CreateAccountRequest {
            name: "Else".to_owned(),
            ..account(1, true, OTHER_WORLD)
        };
        assert!(matches!(
            identity.create_account(renamed).await,
            Err(Error::Taken("account id"))
        ));

        let made = identity.create_key(key(1, 1, "")).await.expect("it is new");
        assert!(made.secret.starts_with("sk_test_"));
        let repeated = identity.create_key(key(1, 1, "")).await.expect("a repeat");
        assert_eq!(repeated.secret, "", "a secret is shown once");
        assert!(matches!(
            identity.create_key(key(1, 2, "")).await,
            Err(Error::Taken("key id"))
        ));
        let stolen = key(2, 2, &made.secret);
        assert!(matches!(
            identity.create_key(stolen).await,
            Err(Error::Taken("secret"))
        ));
    }

    #[tokio::test]
    async fn secrets_can_be_chosen_for_test_accounts_only_and_the_published_one_for_the_sandbox_only()
     {
        let dir = tempfile::tempdir().expect("a directory");
        let identity = open(&dir).await;
        identity
            .create_account(account(1, false, ""))
            .await
            .expect("it is new");
        identity
            .create_account(account(2, true, OTHER_WORLD))
            .await
            .expect("it is new");
        let chosen = Secret::new(false, &Chance::seeded(3)).reveal();
        for (owner, secret, allowed) in [
            (1, chosen.as_str(), false),
            (2, sandbox::KEY, false),
            (2, "sk_test_without-a-checksum", false),
            (2, chosen.as_str(), true),
        ] {
            let made = identity.create_key(key(owner, owner, secret)).await;
            assert_eq!(made.is_ok(), allowed, "{owner} {secret}");
        }
        let live = identity
            .create_key(key(5, 1, ""))
            .await
            .expect("it is new")
            .secret;
        assert!(live.starts_with("sk_live_"));
        let principal = identity
            .verify_key(&verify(&live, "public"))
            .await
            .expect("it is known");
        assert_eq!((principal.livemode, principal.now_us), (true, 77));
        let by_account = rpc::CreateKeyRequest {
            context: context("", "acc_1"),
            ..key(6, 1, "")
        };
        assert!(matches!(
            identity.create_key(by_account).await,
            Err(Error::PlatformOnly)
        ));
    }
}
