//! Who may do what, and what time it is for them: accounts, keys and clients, access tokens, the audit, and the clocks of worlds.
//! Secrets are shown once and stored as digests. Nothing here knows how a credential travels, or what a scope permits.
//!
//! A context names who asks. With an account, it sees what is that account's; with a world alone, it is the platform's staff and
//! sees that world; with neither, it is whoever runs the platform, who furnishes worlds.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::kernel::clock::rfc3339;

mod accounts;
mod audit;
mod chain;
mod clocks;
mod credentials;
mod grpc;
mod keys;
mod roles;
pub mod sandbox;
mod secret;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod token;
mod world;

pub use roles::all as all_roles;
pub use service::IdentityService;

/// Why identity did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The secret or token is nobody's, of another audience, or works no longer.
    #[error("the credential is missing, unknown, over or of another audience")]
    Unauthenticated,
    /// A client asked for a token that can do more than itself.
    #[error("the client does not have the scope {0}")]
    ScopeLacking(String),
    /// An account asked for what only the platform itself may do.
    #[error("only the platform itself may do this")]
    PlatformOnly,
    /// A field of the request is wrong.
    #[error("{0} is not valid")]
    Invalid(&'static str),
    /// There is no such thing, or the caller may not know of it.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The id was used before, for something else.
    #[error("the idempotency key was used for another request")]
    Taken(&'static str),
    /// What is there does not allow it.
    #[error("{0}")]
    State(&'static str),
    /// A credit limit in another currency than the agency's.
    #[error("the agency owes in another currency")]
    OtherCurrency,
    /// It was changed since the caller has seen it.
    #[error("the account has changed since it was read")]
    VersionMismatch,
    /// The clock is past the time that was asked for.
    #[error("the clock stands at {} and never moves back", rfc3339(*now_us))]
    ClockMovesForward {
        /// Where it stands, in microseconds since the Unix epoch.
        now_us: i64,
    },
    /// The database failed.
    #[error("the identity store failed")]
    Store(#[from] store::Error),
}

/// The secret of this installation from which identity makes its keys; it is not in the database.
pub struct MasterKey(pub [u8; 32]);

/// One key for each purpose, so that what is signed for one says nothing for another.
struct Keys {
    tokens: token::TokenKey,
    seal: chain::SealKey,
}

impl Keys {
    fn of(master: &MasterKey) -> Self {
        let derived = |purpose: &str| -> [u8; 32] {
            let mac: Hmac<Sha256> =
                Hmac::new_from_slice(&master.0).expect("HMAC takes a key of any length");
            mac.chain_update(purpose).finalize().into_bytes().into()
        };
        Self {
            tokens: token::TokenKey::new(&derived("tokens")),
            seal: chain::SealKey::new(&derived("audit heads")),
        }
    }
}
