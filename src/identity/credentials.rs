//! Whose a secret or token is, and tokens for clients. What was seen once is answered from memory until any key changes, so
//! that a key that ends is refused from then on.
//!
//! Credentials live in the machine's time: a world whose clock is moved by its owner does not make them older.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::secret::Secret;
use super::store::{self, Kind};
use super::token::{self, Claims, Token};
use super::world::World;
use super::{Error, IdentityService, roles};
use crate::kernel::clock::SECOND_US;
use crate::rpc::identity::v1 as rpc;

/// How long a token opens its door.
const TOKEN_SECONDS: u32 = 15 * 60;

/// The keys that were seen since one was changed.
#[derive(Default)]
pub(super) struct Known {
    /// How often keys were changed; what was read before a change is not remembered after it.
    changes: u64,
    /// Found by the start of the digest, so that the whole of it is compared in constant time.
    by_digest: HashMap<[u8; 8], Arc<Holder>>,
    by_id: HashMap<String, Arc<Holder>>,
}

/// A key with its world.
struct Holder {
    key: store::Key,
    scopes: Vec<String>,
    world: Arc<World>,
}

impl IdentityService {
    /// Says whose a key or token is.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], whatever the reason.
    pub async fn verify_credential(
        &self,
        request: &rpc::VerifyCredentialRequest,
    ) -> Result<rpc::Principal, Error> {
        let (holder, scopes) = if request.secret.starts_with(token::PREFIX) {
            self.token_holder(&request.secret).await?
        } else {
            self.key_holder(&request.secret).await?
        };
        let over = holder.key.is_over(self.clock.now_us());
        if over || holder.key.audience != request.audience {
            return Err(Error::Unauthenticated);
        }
        Ok(rpc::Principal {
            account_id: holder.key.account_id.clone(),
            key_id: holder.key.id.clone(),
            scopes,
            world: holder.world.id.clone(),
            livemode: holder.world.is_live(),
            now_us: holder.world.now_us(),
        })
    }

    /// Gives a client a token for its own secret.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the id and secret are not those of a client of this audience;
    /// [`Error::ScopeLacking`] when more is asked than it may.
    pub async fn issue_token(&self, request: &rpc::IssueTokenRequest) -> Result<rpc::Token, Error> {
        let given: [u8; 32] = Sha256::digest(request.client_secret.as_bytes()).into();
        let holder = self.client(&request.client_id).await?;
        let holder = holder.ok_or(Error::Unauthenticated)?;
        let key = &holder.key;
        let now_us = self.clock.now_us();
        let proven: bool = key.digest.ct_eq(&given).into();
        if !proven || key.is_over(now_us) || key.audience != request.audience {
            return Err(Error::Unauthenticated);
        }
        let lacking = request
            .scopes
            .iter()
            .find(|scope| !holder.scopes.contains(scope));
        if let Some(scope) = lacking {
            return Err(Error::ScopeLacking(scope.clone()));
        }
        let scopes = if request.scopes.is_empty() {
            holder.scopes.clone()
        } else {
            request.scopes.clone()
        };
        let claims = Claims {
            client_id: key.id.clone(),
            audience: key.audience.clone(),
            scopes,
            expires_at_us: now_us + i64::from(TOKEN_SECONDS) * SECOND_US,
        };
        Ok(rpc::Token {
            access_token: self.keys.tokens.sign(&claims, &key.digest),
            expires_in_seconds: TOKEN_SECONDS,
            scopes: claims.scopes,
        })
    }

    /// Forgets what was seen, because a key has changed.
    pub(super) fn forget_keys(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let changes = known.changes + 1;
        *known = Known {
            changes,
            ..Known::default()
        };
    }

    async fn key_holder(&self, text: &str) -> Result<(Arc<Holder>, Vec<String>), Error> {
        let secret = Secret::parse(Kind::ApiKey, text).ok_or(Error::Unauthenticated)?;
        let digest = secret.digest();
        let changes = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let found = known.by_digest.get(&start_of(&digest));
            if let Some(found) = found.filter(|found| found.key.digest.ct_eq(&digest).into()) {
                return Ok((found.clone(), found.scopes.clone()));
            }
            known.changes
        };
        let key = self.store.key_of(digest).await?;
        let key = key.filter(|key| key.kind == Kind::ApiKey);
        let holder = self.remember(key, changes).ok_or(Error::Unauthenticated)?;
        let scopes = holder.scopes.clone();
        Ok((holder, scopes))
    }

    async fn token_holder(&self, text: &str) -> Result<(Arc<Holder>, Vec<String>), Error> {
        let token = Token::parse(text).ok_or(Error::Unauthenticated)?;
        let holder = self.client(&token.claims.client_id).await?;
        let holder = holder.ok_or(Error::Unauthenticated)?;
        let signed = self.keys.tokens.verify(&token, &holder.key.digest);
        let Claims {
            audience,
            mut scopes,
            expires_at_us,
            ..
        } = token.claims;
        if !signed || audience != holder.key.audience || expires_at_us <= self.clock.now_us() {
            return Err(Error::Unauthenticated);
        }
        // The client may have lost some since.
        scopes.retain(|scope| holder.scopes.contains(scope));
        Ok((holder, scopes))
    }

    async fn client(&self, id: &str) -> Result<Option<Arc<Holder>>, Error> {
        let changes = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = known.by_id.get(id) {
                return Ok(Some(found.clone()));
            }
            known.changes
        };
        let key = self.store.key(id).await?;
        Ok(self.remember(key.filter(|key| key.kind == Kind::Client), changes))
    }

    /// Keeps a key that was read when there had been so many changes; not if there were more since.
    fn remember(&self, key: Option<store::Key>, changes: u64) -> Option<Arc<Holder>> {
        let key = key?;
        let world = self.world(&key.world)?;
        let scopes = scopes_of(&key);
        let holder = Arc::new(Holder { key, scopes, world });
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.changes == changes {
            match holder.key.kind {
                Kind::ApiKey => {
                    let start = start_of(&holder.key.digest);
                    known.by_digest.insert(start, holder.clone());
                }
                Kind::Client => {
                    known.by_id.insert(holder.key.id.clone(), holder.clone());
                }
            }
        }
        Some(holder)
    }
}

/// What a key may do: what it was given, and what follows from its roles.
pub(super) fn scopes_of(key: &store::Key) -> Vec<String> {
    let mut scopes = key.scopes.clone();
    scopes.extend(roles::scopes_of(&key.roles));
    scopes
}

fn start_of(digest: &[u8; 32]) -> [u8; 8] {
    std::array::from_fn(|at| digest[at])
}
