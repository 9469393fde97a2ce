//! Who may do what, and what time it is for them: accounts, API keys, and the clocks of worlds.
//! Secrets are shown once and stored as digests. Nothing here knows how a key travels, or what a scope permits.

use crate::kernel::clock::rfc3339;

mod clocks;
mod grpc;
pub mod sandbox;
mod secret;
mod service;
mod store;
mod world;

pub use service::IdentityService;

/// Why identity did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The secret is nobody's, or not of this audience.
    #[error("the credential is missing, unknown or of another audience")]
    Unauthenticated,
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
    #[error("{0} is taken")]
    Taken(&'static str),
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
