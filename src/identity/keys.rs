//! Keys and clients: made, listed, replaced and ended by the platform. Their secrets are in the answer that makes them and
//! nowhere else. What they open is in `credentials.rs`.

use super::credentials::scopes_of;
use super::secret::Secret;
use super::service::{NAME_LEN_MAX, Sight, check};
use super::store::{self, Kind, Replacement};
use super::{Error, IdentityService, roles, sandbox};
use crate::kernel::id::{ClientId, KeyId};
use crate::platform::page;
use crate::rpc::identity::v1 as rpc;

/// What is shown at which door, and whether it stands for an account or for staff.
const DOORS: [(&str, Kind, Holder); 3] = [
    ("public", Kind::ApiKey, Holder::Account),
    ("partner", Kind::Client, Holder::Account),
    ("private", Kind::Client, Holder::Staff),
];
const CLIENT_NAME_LEN_MAX: usize = 64;
const SCOPES_LEN_MAX: usize = 1000;
/// Thirty days; who needs longer makes a second key.
const OVERLAP_MINUTES_MAX: u32 = 30 * 24 * 60;
/// What everybody knows opens the sandbox and nothing else.
const PUBLISHED_SECRETS: [&str; 3] = [sandbox::KEY, sandbox::AGENCY_SECRET, sandbox::STAFF_SECRET];
const PUBLISHED_IDS: [&str; 3] = [
    sandbox::KEY_ID,
    sandbox::AGENCY_CLIENT,
    sandbox::STAFF_CLIENT,
];

#[derive(PartialEq)]
enum Holder {
    Account,
    Staff,
}

impl IdentityService {
    /// Makes a key. A repeat finds it, without its secret; where the secret was chosen, a repeat also brings it up to date, so
    /// that whoever furnishes a world may ask for more than at its last start.
    pub async fn create_key(&self, request: rpc::CreateKeyRequest) -> Result<rpc::Key, Error> {
        let sight = Sight::of_platform(request.context.as_ref())?;
        let kind = kind(request.kind()).ok_or(Error::Invalid("kind"))?;
        let chosen = !request.chosen_secret.is_empty();
        // Whoever chooses the secret chooses the name as well.
        let named = chosen && kind == Kind::Client && is_client_name(&request.key_id);
        check(named || is_id(kind, &request.key_id), "key id")?;
        check(request.name.chars().count() <= NAME_LEN_MAX, "name")?;
        let holder = if request.account_id.is_empty() {
            Holder::Staff
        } else {
            Holder::Account
        };
        let world = match holder {
            Holder::Account => self.seen_account(sight, &request.account_id).await?.world,
            Holder::Staff => sight.world().to_owned(),
        };
        let live = self.world(&world).ok_or(Error::Invalid("world"))?.is_live();
        let scopes_read = request.scopes.iter().all(|scope| is_scope(scope))
            && request
                .scopes
                .iter()
                .map(|scope| scope.len() + 1)
                .sum::<usize>()
                <= SCOPES_LEN_MAX;
        let roles_read = request.roles.iter().all(|role| roles::is_role(role));
        match holder {
            Holder::Account => {
                check(scopes_read, "scope").and(check(request.roles.is_empty(), "role"))?
            }
            Holder::Staff => check(request.scopes.is_empty(), "scope")
                .and(check(roles_read && !request.roles.is_empty(), "role"))?,
        }
        check(
            DOORS.contains(&(request.audience.as_str(), kind, holder)),
            "audience",
        )?;

        let secret = if chosen {
            let published = PUBLISHED_SECRETS.contains(&request.chosen_secret.as_str());
            let staff = request.account_id.is_empty();
            check(
                (!live || staff) && (!published || world == sandbox::WORLD),
                "chosen secret",
            )?;
            Secret::parse(kind, &request.chosen_secret)
                .filter(|secret| secret.is_live() == live)
                .ok_or(Error::Invalid("chosen secret"))?
        } else {
            Secret::new(kind, live, &self.chance)
        };
        let key = store::Key {
            id: request.key_id,
            kind,
            name: request.name,
            world,
            account_id: request.account_id,
            audience: request.audience,
            scopes: request.scopes,
            roles: request.roles,
            digest: secret.digest(),
            last_four: secret.last_four().to_owned(),
            created_at_us: self.clock.now_us(),
            ends_at_us: None,
            replaced_by: String::new(),
            overlap_minutes: 0,
        };
        let (key, made) = self.store.create_key(key, chosen).await?;
        self.forget_keys();
        Ok(self.shown(key, made.then_some(secret)))
    }

    /// A page of the keys that the caller may see, in the order of their ids.
    pub async fn list_keys(
        &self,
        request: rpc::ListKeysRequest,
    ) -> Result<rpc::ListKeysResponse, Error> {
        let sight = Sight::of(request.context.as_ref())?;
        let kind = kind(request.kind());
        let (after, limit) = page::of(request.page);
        let account_id = match sight.account() {
            "" => request.account_id.as_str(),
            own if ["", own].contains(&request.account_id.as_str()) => own,
            _ => return Err(Error::NotFound("account")),
        };
        let keys = self
            .store
            .keys(sight.world(), account_id, kind, &after, limit + 1);
        let mut keys = keys.await?;
        let next = page::cut(&mut keys, limit, |key| key.id.clone());
        Ok(rpc::ListKeysResponse {
            keys: keys.into_iter().map(|key| self.shown(key, None)).collect(),
            next,
        })
    }

    /// Makes a key in the place of another, which works until the overlap is over. A repeat finds it, without its secret.
    pub async fn rotate_key(&self, request: rpc::RotateKeyRequest) -> Result<rpc::Key, Error> {
        let sight = Sight::of_platform(request.context.as_ref())?;
        let old = self.own_key(sight, &request.key_id).await?;
        check(is_id(old.kind, &request.new_key_id), "key id")?;
        check(request.overlap_minutes <= OVERLAP_MINUTES_MAX, "overlap")?;
        let live = self.world(&old.world).is_some_and(|world| world.is_live());
        let secret = Secret::new(old.kind, live, &self.chance);
        let now_us = self.clock.now_us();
        let by = Replacement {
            old_id: old.id,
            new_id: request.new_key_id,
            digest: secret.digest(),
            last_four: secret.last_four().to_owned(),
            now_us,
            overlap_minutes: request.overlap_minutes,
        };
        let (key, made) = self.store.replace_key(by).await?;
        self.forget_keys();
        Ok(self.shown(key, made.then_some(secret)))
    }

    /// Ends a key at once, and with it the tokens it was exchanged for.
    pub async fn revoke_key(&self, request: &rpc::RevokeKeyRequest) -> Result<rpc::Key, Error> {
        let sight = Sight::of_platform(request.context.as_ref())?;
        let key = self.own_key(sight, &request.key_id).await?;
        let key = self.store.end_key(key.id, self.clock.now_us()).await?;
        self.forget_keys();
        Ok(self.shown(key, None))
    }

    /// A key that the caller may end: one that it sees, and not what everybody's examples need.
    async fn own_key(&self, sight: Sight<'_>, id: &str) -> Result<store::Key, Error> {
        let key = self.store.key(id).await?;
        let key = key.filter(|key| sight.covers(&key.world, &key.account_id));
        let key = key.ok_or(Error::NotFound("key"))?;
        if PUBLISHED_IDS.contains(&key.id.as_str()) {
            return Err(Error::State(
                "the published keys of the sandbox stay as they are",
            ));
        }
        Ok(key)
    }

    fn shown(&self, key: store::Key, secret: Option<Secret>) -> rpc::Key {
        let kind = match key.kind {
            Kind::ApiKey => rpc::KeyKind::ApiKey,
            Kind::Client => rpc::KeyKind::Client,
        };
        rpc::Key {
            scopes: scopes_of(&key),
            livemode: self.world(&key.world).is_some_and(|world| world.is_live()),
            id: key.id,
            kind: kind.into(),
            name: key.name,
            account_id: key.account_id,
            audience: key.audience,
            roles: key.roles,
            created_at_us: key.created_at_us,
            ends_at_us: key.ends_at_us,
            last_four: key.last_four,
            secret: secret.map_or_else(String::new, Secret::reveal),
            replaced_by: key.replaced_by,
        }
    }
}

fn kind(asked: rpc::KeyKind) -> Option<Kind> {
    match asked {
        rpc::KeyKind::Unspecified => None,
        rpc::KeyKind::ApiKey => Some(Kind::ApiKey),
        rpc::KeyKind::Client => Some(Kind::Client),
    }
}

fn is_id(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::ApiKey => KeyId::parse(text).is_some(),
        Kind::Client => ClientId::parse(text).is_some(),
    }
}

fn is_client_name(text: &str) -> bool {
    text.len() <= CLIENT_NAME_LEN_MAX
        && text.strip_prefix(ClientId::PREFIX).is_some_and(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        })
}

fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
